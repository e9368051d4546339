import { HostFailed, RunError, type Trouble } from '../core/error.ts';
import type { Fault } from '../core/fault.ts';
import type { Watcher, WatchReport } from '../core/watch.ts';
import type { Site } from './site.ts';

/** A last request may be lost by chance, so many in a row are not. */
const CUT_OFF_MS = 250;

/** Clients that are asking from now on. @throws HostFailed there are none, or it is not known what they saw */
export async function startClients({ watch }: Site): Promise<Watcher> {
  const watcher = await orFail('the requests that show what clients notice could not be sent', watch);
  const stop = () => orFail('what clients noticed is not known', () => watcher.stop());
  return { first: watcher.first, stop };
}

/** @throws HostFailed clients are not served although every check holds */
export function refuseUnserved({ first }: Watcher): void {
  const lost = first.flatMap((outcome) => (outcome.is === 'lost' ? [outcome.reason] : []));
  if (lost.length > 0) {
    throw new HostFailed({
      what: 'clients are not served although every check holds; nothing more was broken',
      why: lost,
      hint: 'is the virtual IP reachable from here, and not stopped by a firewall?',
    });
  }
}

/** What is wrong when clients are cut off although the hosts find all well. */
export function unanswered({ name }: Fault, { targets }: WatchReport): Trouble | undefined {
  const cut = targets.filter(({ gaps }) =>
    gaps.some(({ open, fromMs, toMs }) => open && toMs - fromMs >= CUT_OFF_MS),
  );
  return cut.length === 0
    ? undefined
    : {
        what: `${name}: the hosts find all well, and clients are not answered any more`,
        why: cut.map(
          ({ target, reasons }) => `${target.address}:${target.port}: ${Object.keys(reasons).join(', ')}`,
        ),
        hint: 'do they reach the host that holds the virtual IP? See their ARP tables: ip neigh',
      };
}

async function orFail<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RunError || !(error instanceof Error)) {
      throw error;
    }
    throw new HostFailed({ what, why: error.message.split('\n') }, { cause: error });
  }
}
