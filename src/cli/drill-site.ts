import type { DrillListener } from '../core/drill.ts';
import type { Inventory } from '../core/inventory.ts';
import type { ClusterHost, Playbook } from '../core/role.ts';
import type { WatchTarget } from '../core/watch.ts';
import { siteOf, type LabDeeds, type Site } from '../drill/site.ts';
import type { Secret } from '../core/secret.ts';
import { startProberProcess } from '../watch/prober-process.ts';
import { connecting } from './connecting.ts';
import { lockHolder } from './who-runs.ts';

/**
 * A request without an answer by then is lost. Longer than the half second that HAProxy waits before it tries the last
 * server that is left, shorter than the second after which TCP tries to connect again: that would hide an outage.
 */
const ANSWER_MS = 900;

export interface SiteOptions {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly cluster: readonly ClusterHost[];
  readonly targets: readonly WatchTarget[];
  /** Requests per second to each target. */
  readonly perSecond: number;
  readonly listener: DrillListener;
  readonly signal: AbortSignal;
  /** Hidden in what hosts say. */
  readonly secrets: readonly Secret[];
}

/** The hosts, clients and, where the hosts are its own, the lab that a drill works on. */
export async function drillSite(options: SiteOptions): Promise<Site> {
  const { playbook, inventory, targets, perSecond, listener, signal } = options;
  return siteOf(
    { ...options, connect: await connecting(options), lockHolder: lockHolder(`drill ${playbook.name}`) },
    {
      watch: () => startProberProcess({ targets, intervalMs: 1000 / perSecond, timeoutMs: ANSWER_MS }),
      marginMs: 500,
      lab: inventory.lab === undefined ? undefined : await labDeeds(inventory.lab),
      listener,
      signal,
    },
  );
}

async function labDeeds(lab: string): Promise<LabDeeds> {
  const { boot, freeze, powerLoss, thaw } = await import('../../scripts/lab/index.ts');
  return {
    powerLoss: (host) => powerLoss(lab, host),
    boot: (host) => boot(lab, host),
    freeze: (host) => freeze(lab, host),
    thaw: (host) => thaw(lab, host),
  };
}
