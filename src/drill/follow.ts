import { RunError } from '../core/error.ts';
import { factsFrom, hostFacts } from '../queries/facts.ts';
import { probe } from '../stages/probe.ts';
import type { DrillHost } from './host.ts';
import { pauseFor } from './pause.ts';
import type { Holders } from './vips.ts';

const EVERY_MS = 200;

/** Looks at the hosts that nothing was done to, and keeps which of them held each virtual IP at any time. */
export function followVips(
  watched: readonly DrillHost[],
  before: Holders,
): { stop(): Promise<ReadonlyMap<string, ReadonlySet<string>>> } {
  const seen = new Map<string, Set<string>>();
  const over = new AbortController();
  const loops = watched.map(async (host) => {
    while (!over.signal.aborted) {
      for (const vip of await held(host, [...before.keys()])) {
        seen.set(vip, (seen.get(vip) ?? new Set()).add(host.name));
      }
      await pauseFor(EVERY_MS);
    }
  });
  return {
    async stop() {
      over.abort();
      await Promise.all(loops);
      return seen;
    },
  };
}

async function held(host: DrillHost, vips: readonly string[]): Promise<readonly string[]> {
  try {
    const { interfaces } = factsFrom(await probe(await host.connection(), [hostFacts]));
    const own = new Set(
      interfaces.flatMap(({ addresses }) => addresses.map((address) => address.split('/')[0])),
    );
    return vips.filter((vip) => own.has(vip));
  } catch (error) {
    if (error instanceof RunError) {
      return [];
    }
    throw error;
  }
}
