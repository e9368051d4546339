import { randomBytes } from 'node:crypto';
import { mapLimited } from './core/concurrency.ts';
import { EXIT, InvalidInput, RunError, Unreachable } from './core/error.ts';
import type { Listener } from './core/event.ts';
import { pendingSteps, type HostPlan } from './core/plan.ts';
import type { RunResult } from './core/result.ts';
import type { RunRequest } from './core/request.ts';
import { askFromController } from './stages/ask.ts';
import { assemble, type Assembly } from './stages/assemble.ts';
import { audited } from './stages/audit.ts';
import { exitCode, type Service } from './stages/exit-code.ts';
import { lintHosts } from './stages/lint-hosts.ts';
import { noUnfinishedRun } from './stages/leftover.ts';
import { isLocked, lockFirst } from './stages/lock-hosts.ts';
import { planMember, witnessPlans } from './stages/plan.ts';
import { probe } from './stages/probe.ts';
import { onHosts } from './stages/reach.ts';
import { refusePartialLockstep } from './stages/refusals.ts';
import { rollOut } from './stages/roll-out.ts';
import { hasMoved, refuseMovedSite } from './stages/saved-plan.ts';
import { Session } from './stages/session.ts';
import { refuseUnknownTags } from './stages/tags.ts';
import { checkService } from './stages/verify.ts';

/**
 * One run from the first connection to the last check: read every host, plan, apply, verify.
 *
 * What goes wrong on a host is in the result; only bad input and bugs are thrown.
 */
export async function runPlaybook(request: RunRequest, listener: Listener): Promise<RunResult> {
  const started = performance.now();
  const runId = randomBytes(6).toString('hex');
  const { playbook, inventory, cluster, selected } = request;
  const assembly = assemble(playbook, inventory, cluster, selected, [noUnfinishedRun(runId)]);
  refuseUnknownTags(
    assembly.members.flatMap((member) => member.resources),
    request,
  );
  refuseMovedSite(assembly, request);
  const sessions = assembly.members.map((member) => new Session(member));
  listener({
    type: 'run-started',
    playbook: request.playbook.name,
    hosts: request.selected,
    check: request.check,
  });
  const work = async (): Promise<RunResult> => {
    await lockFirst(sessions, { request, listener }, (session, error) => giveUp(session, error, listener));
    await mapLimited(sessions, request.forks, (session) => read(session, request, listener));
    plan(sessions, request);
    const isMoved = hasMoved({ sessions, assembly, request, listener });
    const onLost = (session: Session, error: unknown) => {
      lose(session, error, listener);
      session.plan = undefined;
    };
    const warnings = await lintHosts(isMoved ? [] : sessions, { request, listener, onLost });
    listener({ type: 'planned', plans: plansOf(sessions), warnings });
    const { checks, watch, troubles } = await applyAndCheck(
      sessions,
      { ...assembly, runId },
      request,
      listener,
    );
    return {
      playbook: request.playbook.name,
      check: request.check,
      exit: exitCode(sessions, { checks, troubles }, request),
      hosts: sessions.filter(({ member }) => !member.witness).map((session) => session.result()),
      warnings,
      checks,
      watch,
      troubles: [...sessions.flatMap((session) => session.trouble ?? []), ...troubles],
      ms: performance.now() - started,
    };
  };
  try {
    return await audited({ runId, sessions, request, listener }, work);
  } finally {
    await Promise.all(sessions.map((session) => leave(session, listener)));
  }
}

async function leave({ host, lock, connection }: Session, listener: Listener): Promise<void> {
  if (lock !== undefined) {
    await lock.release();
    listener({ type: 'host-step', host, step: 'unlocked' });
  }
  await connection?.close();
}

async function read(session: Session, request: RunRequest, listener: Listener): Promise<void> {
  const { host, member } = session;
  if (session.trouble !== undefined || request.signal?.aborted === true) {
    return;
  }
  listener({ type: 'host-connecting', host });
  try {
    await session.timed(async () => {
      session.connection ??= await request.connect(member.target);
      session.seen = await probe(session.connection, member.queries);
    });
    listener({ type: 'host-probed', host, ms: session.ms, resources: member.resources.length });
  } catch (error) {
    giveUp(session, error, listener);
  }
}

/** A host that could not be read takes no part in the run. */
function giveUp(session: Session, error: unknown, listener: Listener): void {
  const { host, member } = session;
  if (member.witness && error instanceof RunError) {
    const reason = `left out by --limit, and does not answer: ${error.message}`;
    listener({ type: 'host-skipped', host, reason });
    return;
  }
  const trouble = session.fail(error, error instanceof Unreachable ? 'unreachable' : 'failed');
  listener({ type: 'host-unreachable', host, trouble });
}

function plan(sessions: readonly Session[], request: RunRequest): void {
  const refused: InvalidInput[] = [];
  for (const session of sessions) {
    if (session.seen !== undefined) {
      try {
        session.plan = planMember(session.member, session.seen, request);
        session.status = pendingSteps(session.plan).length > 0 ? 'pending' : 'ok';
      } catch (error) {
        if (!(error instanceof InvalidInput)) {
          throw error;
        }
        refused.push(error);
      }
    }
  }
  if (refused.length > 0) {
    throw new InvalidInput(refused.flatMap((error) => error.troubles));
  }
  refusePartialLockstep(plansOf(sessions), witnessPlans(sessions), request);
}

function plansOf(sessions: readonly Session[]): readonly HostPlan[] {
  return sessions.filter(({ member }) => !member.witness).flatMap((session) => session.plan ?? []);
}

/** What a host means for the run that no longer answers. */
function lose(session: Session, error: unknown, listener: Listener): void {
  const { host, member } = session;
  if (member.witness) {
    listener({ type: 'host-skipped', host, reason: 'left out by --limit, and no longer answers' });
  } else if (session.trouble === undefined) {
    listener({ type: 'host-unreachable', host, trouble: session.fail(error, 'unreachable') });
  }
}

const UNASKED: Service = { checks: [], troubles: [] };

async function applyAndCheck(
  sessions: readonly Session[],
  assembly: Assembly & { readonly runId: string },
  request: RunRequest,
  listener: Listener,
): Promise<Service> {
  const reached = sessions.filter((session) => session.plan !== undefined);
  if (reached.length === 0 || isLocked(sessions) || reached.some(({ exit }) => exit === EXIT.planStale)) {
    return UNASKED;
  }
  const pending = reached.filter((session) => session.status === 'pending');
  const context = {
    checks: assembly.checks,
    hosts: () => onHosts(reached, request),
    ask: { ...askFromController, converged: (host: string) => isConverged(reached, host) },
    listener,
    onLost(host: string, error: unknown) {
      const lost = reached.find((session) => session.host === host);
      if (lost !== undefined) {
        lose(lost, error, listener);
      }
    },
  };
  if (pending.length === 0) {
    return { checks: await checkService({ ...context, seen: seenBy(reached) }), troubles: [] };
  }
  if (request.check || !(await mayApply(sessions, pending, request))) {
    return UNASKED;
  }
  const apply = (heard: Listener) =>
    rollOut({
      sessions: reached,
      request,
      context: { ...context, listener: heard },
      runId: assembly.runId,
      begun: new Set(),
    });
  if (request.watch === undefined) {
    return { checks: await apply(listener), troubles: [] };
  }
  const { underWatch } = await import('./stages/watch.ts');
  const { unservedChecks } = await import('./stages/served.ts');
  const { value = [], watch, troubles } = await underWatch(request.watch, listener, apply);
  const unserved = troubles.length === 0 ? unservedChecks(watch, sessions, request) : [];
  unserved.forEach((result) => listener({ type: 'check-judged', ...result }));
  return { checks: [...value, ...unserved], watch, troubles };
}

function isConverged(sessions: readonly Session[], host: string): boolean {
  const status = sessions.find((session) => session.host === host && !session.member.witness)?.status;
  return status === 'ok' || status === 'changed';
}

/** Unreachable hosts count as failed: beyond the playbook's `maxFail` nothing is begun. */
async function mayApply(
  sessions: readonly Session[],
  pending: readonly Session[],
  request: RunRequest,
): Promise<boolean> {
  const lost = sessions.filter((session) => session.plan === undefined && !session.member.witness).length;
  if (lost > request.playbook.maxFail) {
    return false;
  }
  const plans = pending.flatMap((session) => session.plan ?? []);
  return request.confirm === undefined || request.confirm(plans);
}

function seenBy(sessions: readonly Session[]) {
  return new Map(sessions.flatMap(({ host, seen }) => (seen ? [[host, seen]] : [])));
}
