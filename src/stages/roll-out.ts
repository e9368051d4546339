import { HostFailed, InvalidInput, PlanStale } from '../core/error.ts';
import { pendingSteps, type HostPlan } from '../core/plan.ts';
import type { CheckResult } from '../core/result.ts';
import { planRollout, type Turn } from '../core/rollout.ts';
import type { RunRequest } from '../core/request.ts';
import { applyDeferred, applyTurn, discardUndo, type ApplyContext } from './apply.ts';
import { planMember } from './plan.ts';
import { probe } from './probe.ts';
import type { Session } from './session.ts';
import { checkService, verifyConverged, type ServiceCheckContext } from './verify.ts';

/** Everything the rollout of one run works with. */
export interface RolloutContext {
  /** Hosts that were read and planned. */
  readonly sessions: readonly Session[];
  readonly request: RunRequest;
  readonly context: ServiceCheckContext;
  readonly runId: string;
}

/**
 * Changes the hosts batch by batch, whoever serves last; the service is checked before the next batch begins.
 *
 * The first failure ends it: no further host is begun.
 */
export async function rollOut(rollout: RolloutContext): Promise<readonly CheckResult[]> {
  const { sessions, request } = rollout;
  const plans = sessions.flatMap((session) => session.plan ?? []);
  refusePartialLockstep(plans, request);
  const { batches, afterwards } = planRollout(plans, (host) => rank(rollout, host), request.playbook.serial);
  let checks: readonly CheckResult[] = [];
  for (const batch of batches) {
    await Promise.all(batch.map((turn) => takeTurn(turn, rollout)));
    if (hasEnded(rollout)) {
      return checks;
    }
    checks = await checkService(rollout.context);
    if (hasEnded(rollout)) {
      return checks;
    }
    if (checks.some(({ judgement }) => !judgement.ok)) {
      failBatch(batch, checks, rollout);
      return checks;
    }
  }
  for (const turn of afterwards) {
    await finishTurn(turn, rollout);
  }
  return afterwards.length > 0 && !hasEnded(rollout) ? checkService(rollout.context) : checks;
}

async function takeTurn(turn: Turn, rollout: RolloutContext): Promise<void> {
  const session = sessionOf(rollout, turn.plan.host);
  const { listener } = rollout.context;
  listener({ type: 'host-started', host: session.host, changes: pendingSteps(turn.plan).length });
  await guarded(session, rollout, async (context) => {
    await refuseStale(session, rollout);
    await applyTurn(turn, context, session.log);
    if (turn.deferred.size === 0) {
      await complete(session, rollout, context);
    }
  });
}

async function finishTurn(turn: Turn, rollout: RolloutContext): Promise<void> {
  const session = sessionOf(rollout, turn.plan.host);
  await guarded(session, rollout, async (context) => {
    await applyDeferred(turn, context, session.log);
    await complete(session, rollout, context);
  });
}

async function complete(
  session: Session,
  { request, context }: RolloutContext,
  apply: ApplyContext,
): Promise<void> {
  await verifyConverged(session.member, apply.connection, request);
  await discardUndo(apply);
  session.status = 'changed';
}

async function guarded(
  session: Session,
  { request, context, runId }: RolloutContext,
  work: (context: ApplyContext) => Promise<void>,
): Promise<void> {
  const { connection } = session;
  if (connection === undefined) {
    return;
  }
  try {
    await session.timed(() =>
      work({ connection, runId, listener: context.listener, signal: request.signal }),
    );
  } catch (error) {
    if (request.signal?.aborted === true && error === request.signal.reason) {
      return;
    }
    const trouble = session.fail(error, 'failed');
    context.listener({ type: 'host-failed', host: session.host, trouble });
  }
}

/** Time has passed since the plan was shown: what is done must still be what was shown. */
async function refuseStale(session: Session, { request }: RolloutContext): Promise<void> {
  const { connection, member, plan } = session;
  if (connection === undefined || plan === undefined) {
    return;
  }
  const now = planMember(member, await probe(connection, member.queries), request);
  const moved = difference(plan, now);
  if (moved.length > 0) {
    throw new PlanStale({
      host: session.host,
      what: 'is no longer as it was when the plan was made; nothing was changed on it',
      why: moved,
      hint: 'somebody or something else changed it meanwhile: run again',
    });
  }
}

function difference(before: HostPlan, after: HostPlan): readonly string[] {
  const [old, now] = [summaries(before), summaries(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((id) => old.get(id) !== now.get(id))
    .map((id) => `${id}: planned "${old.get(id) ?? 'nothing'}", now "${now.get(id) ?? 'nothing'}"`);
}

function summaries(plan: HostPlan): ReadonlyMap<string, string> {
  return new Map(
    pendingSteps(plan).map((step) => [
      step.resource.id,
      step.is === 'change' ? step.change.summary : step.reason,
    ]),
  );
}

function hasEnded({ sessions, request }: RolloutContext): boolean {
  return request.signal?.aborted === true || sessions.some((session) => session.trouble !== undefined);
}

function failBatch(batch: readonly Turn[], checks: readonly CheckResult[], rollout: RolloutContext): void {
  const failed = checks.filter(({ judgement }) => !judgement.ok);
  for (const { plan } of batch) {
    const session = sessionOf(rollout, plan.host);
    session.fail(
      new HostFailed({
        host: plan.host,
        what: 'the service is not as it should be after this host was changed; no further host was begun',
        why: failed.map(({ check, judgement }) => `${check}: ${judgement.detail}`),
        hint: failed.find(({ judgement }) => judgement.hint)?.judgement.hint,
      }),
      'failed',
    );
  }
}

/** Failed hosts first, whoever serves last. */
function rank({ sessions }: RolloutContext, host: string): number {
  const session = sessions.find((candidate) => candidate.host === host);
  const { seen } = session ?? {};
  return seen === undefined
    ? 0
    : Math.max(0, ...(session?.member.standings.map((standing) => standing.rank(seen)) ?? []));
}

function sessionOf({ sessions }: RolloutContext, host: string): Session {
  const session = sessions.find((candidate) => candidate.host === host);
  if (session === undefined) {
    throw new Error(`no session for ${host}`);
  }
  return session;
}

/** What all hosts must agree on cannot be changed on some of them. */
function refusePartialLockstep(plans: readonly HostPlan[], { cluster, selected }: RunRequest): void {
  const left = cluster.filter((host) => !selected.includes(host.name)).map((host) => host.name);
  const troubles = plans.flatMap(({ host, steps }) =>
    steps.flatMap((step) =>
      step.is === 'change' && step.change.quiesce !== undefined
        ? [
            {
              host,
              resource: step.resource.id,
              what: `changes what all hosts of the cluster must agree on, and ${left.join(', ')} would be left behind`,
              hint: 'run without --limit',
            },
          ]
        : [],
    ),
  );
  if (left.length > 0 && troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
}
