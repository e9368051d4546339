import type { Trial } from '../core/drill.ts';
import { HostFailed, RunError, type Trouble } from '../core/error.ts';
import type { Fault } from '../core/fault.ts';
import type { CheckResult } from '../core/result.ts';
import { refuseUnserved, startClients, unanswered } from './clients.ts';
import { damageOf, type Damage } from './damage.ts';
import { followVips } from './follow.ts';
import type { DrillHost } from './host.ts';
import { lossesIn } from './judge.ts';
import { pauseFor } from './pause.ts';
import type { Site } from './site.ts';
import { holdersIn, journey, roleOf, type Holders } from './vips.ts';
import { failingOf, hintOf, shownCheck } from './inspect.ts';
import { waitWhole } from './whole.ts';

const EFFECT_EVERY_MS = 250;

export interface Scene {
  readonly victims: readonly DrillHost[];
  /** Who holds the virtual IPs before. */
  readonly before: Holders;
}

/** A trial, and why no further one may be begun: the cluster is not whole again. */
export interface Tried {
  readonly trial: Trial;
  readonly trouble?: Trouble;
}

/**
 * One fault, once: broken under the eyes of clients, put right, and waited for until the cluster is whole again.
 *
 * However it ends, nothing is left broken and no request is sent any more.
 *
 * @throws HostFailed it could not be done, or not be put right
 */
export async function tryFault(fault: Fault, { victims, before }: Scene, site: Site): Promise<Tried> {
  const watcher = await startClients(site);
  const bystanders = site.hosts.filter((host) => !victims.includes(host));
  const follower = followVips(bystanders, before);
  const stop = () => Promise.all([watcher.stop(), follower.stop()]);
  try {
    refuseUnserved(watcher);
    const course = await happen(fault, damageOf(fault, victims, site.lab), { site, victims });
    await pauseFor(site.marginMs);
    const [report, meanwhile] = await stop();
    const trouble = course.trouble ?? unanswered(fault, report);
    const trial: Trial = {
      host: namesOf(victims),
      role: fault.on === 'every host' ? 'all' : roleOf(namesOf(victims), before),
      targets: lossesIn(report),
      vip: journey(before, course.after, meanwhile),
      latestMs: report.latestMs,
      ...(course.wholeMs !== undefined && trouble === undefined && { wholeMs: course.wholeMs }),
    };
    return { trial, ...(trouble !== undefined && { trouble }) };
  } finally {
    await stop();
  }
}

/** How a trial went, clients apart. */
interface Course {
  readonly after: Holders;
  readonly wholeMs?: number;
  readonly trouble?: Trouble;
}

async function happen(
  fault: Fault,
  damage: Damage,
  { site, victims }: { readonly site: Site; readonly victims: readonly DrillHost[] },
): Promise<Course> {
  const host = namesOf(victims);
  const { lastsMs } = fault;
  const healsItself = fault.means.by === 'script' && fault.means.healsItself === true;
  return cleared(damage, async () => {
    await pauseFor(site.marginMs, site.signal);
    await damage.inflict();
    const brokenAt = performance.now();
    site.listener({ type: 'broken', host, lastsMs });
    await requireEffect(fault, site, brokenAt + lastsMs);
    await pauseFor(brokenAt + lastsMs - performance.now(), site.signal);
    const repairedAt = await damage.repair();
    const rightAt = healsItself ? brokenAt + lastsMs : repairedAt;
    site.listener({ type: 'put-right', host, by: healsItself ? 'itself' : 'drill' });
    return recover(fault, { host, rightAt, damage }, site);
  });
}

/** Leaves nothing broken, however the work ends; what cannot be put right is told with what came before. */
async function cleared<T>(damage: Damage, work: () => Promise<T>): Promise<T> {
  let done: T;
  try {
    done = await work();
  } catch (error) {
    await damage.clear().catch((left: unknown) => {
      throw left instanceof RunError && error instanceof RunError ? bothTroubles(left, error) : left;
    });
    throw error;
  }
  await damage.clear();
  return done;
}

function bothTroubles(left: RunError, first: RunError): HostFailed {
  const why = [...(left.trouble.why ?? []), `before that: ${first.message}`, ...(first.trouble.why ?? [])];
  return new HostFailed({ ...left.trouble, why }, { cause: first });
}

async function recover(
  fault: Fault,
  { host, rightAt, damage }: { readonly host: string; readonly rightAt: number; readonly damage: Damage },
  site: Site,
): Promise<Course> {
  const { inspection, wrong, sinceMs } = await waitWhole(site, {
    hasHappened: () => damage.hasHappened(),
    deadlineMs: rightAt + fault.wholeWithinMs,
  });
  const after = holdersIn(inspection.checks);
  if (wrong.length > 0) {
    const what = `${fault.name} on ${host}: the cluster was not whole again within ${fault.wholeWithinMs / 1000} s`;
    return { after, trouble: { what, why: wrong, hint: hintOf(inspection.checks) } };
  }
  const failing = await failingOf(fault.afterwards ?? [], site.hosts);
  return failing.length > 0
    ? { after, trouble: troubleOf(`${fault.name} on ${host}: it left something behind`, failing) }
    : { after, wholeMs: sinceMs - rightAt };
}

/**
 * Waits until the fault shows, for as long as it lasts.
 *
 * @throws HostFailed it never did, so that nothing would be measured
 */
async function requireEffect({ name, meanwhile = [] }: Fault, site: Site, deadlineMs: number): Promise<void> {
  for (;;) {
    const failing = await failingOf(meanwhile, site.hosts);
    if (failing.length === 0) {
      return;
    }
    if (performance.now() > deadlineMs) {
      throw new HostFailed(troubleOf(`${name}: it was done, and had no effect`, failing));
    }
    await pauseFor(EFFECT_EVERY_MS, site.signal);
  }
}

function troubleOf(what: string, failing: readonly CheckResult[]): Trouble {
  return { what, why: failing.map(shownCheck), hint: hintOf(failing) };
}

function namesOf(hosts: readonly DrillHost[]): string {
  return hosts.map(({ name }) => name).join(', ');
}
