import type { Connection, Held } from '../core/connection.ts';
import { HostFailed, RunError, Unreachable } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import { pendingSteps, planHost, type PlanStep } from '../core/plan.ts';
import type { Action, Change, Resource } from '../core/resource.ts';
import type { AppliedChange } from '../core/result.ts';
import type { Begun } from '../core/undo.ts';
import type { Turn } from '../core/rollout.ts';
import { roleFault } from '../core/role-fault.ts';
import { isScript, joinScripts, sh, type Script } from '../core/script.ts';
import { factsFrom, hostFacts } from '../queries/facts.ts';
import { refuseThrownOut } from './own-lock.ts';
import { probe } from './probe.ts';
import { arm } from './armed-undo.ts';
import { keepUndo } from './kept-undo.ts';
import { undoDirectory } from './undo-place.ts';

const CHANGE_TIMEOUT_MS = 60_000;

/** What one host's turn needs besides the turn itself. */
export interface ApplyContext {
  readonly connection: Connection;
  /** Names the undo directories of this run on the host. */
  readonly runId: string;
  readonly listener: Listener;
  /** No change is begun once it is no longer held. */
  readonly lock?: Held | undefined;
  /** Aborted: no further change is begun. */
  readonly signal?: AbortSignal | undefined;
}

/** What a turn did so far; filled while it goes on, so that it is known when a change fails. */
export interface TurnLog {
  readonly applied: AppliedChange[];
  readonly unneeded: string[];
  /** Every change that was begun, the one that failed too: it may have done half. */
  readonly begun: Begun[];
}

/**
 * Makes the changes of one host's turn in order; a change that others before it may have altered is
 * read and planned again first.
 *
 * @throws HostFailed a change did not succeed; nothing after it was begun
 */
export async function applyTurn(turn: Turn, context: ApplyContext, log: TurnLog): Promise<void> {
  const changed = new Set<string>();
  for (const step of pendingSteps(turn.plan)) {
    context.signal?.throwIfAborted();
    refuseThrownOut(context);
    const { id, needs } = step.resource;
    if (turn.deferred.has(id)) {
      await quiesce(step, context, log);
      continue;
    }
    const again = step.is === 'unknown' || needs.some((need) => changed.has(need));
    const change = again ? await replan(step.resource, context) : changeOf(step);
    if (change === undefined) {
      log.unneeded.push(id);
      context.listener({ type: 'change-unneeded', host: context.connection.host, id });
      continue;
    }
    context.signal?.throwIfAborted();
    await applyChange(step.resource, change, { context, log });
    changed.add(id);
  }
}

/**
 * What a turn left for later, after all other hosts are done. There is no way back any more: the others would not agree
 * with a host that is taken back, so an interrupt does not end it, and nothing is armed.
 */
export async function applyDeferred(turn: Turn, context: ApplyContext, log: TurnLog): Promise<void> {
  for (const step of pendingSteps(turn.plan).filter(({ resource }) => turn.deferred.has(resource.id))) {
    refuseThrownOut(context);
    const change = await replan(step.resource, context);
    if (change === undefined) {
      log.unneeded.push(step.resource.id);
    } else {
      await applyChange(step.resource, change, { context, log, arms: false });
    }
  }
}

/** Runs an action as root with `RP_UNDO` set. @throws HostFailed it did not end with exit code 0 */
export async function runAction(
  action: Action,
  resource: Resource,
  context: ApplyContext & { readonly prelude?: Script },
  timeoutMs: number,
): Promise<void> {
  const { connection, runId, prelude = sh`mkdir -p -m 0700 -- "$RP_UNDO"` } = context;
  const directory = undoDirectory(runId, resource.id);
  try {
    const $ = await connection.shell({ timeoutMs, env: { RP_UNDO: directory } });
    if (isScript(action)) {
      await $`${joinScripts([prelude, action])}`;
    } else {
      await $`${prelude}`;
      await action($);
    }
  } catch (error) {
    throw isScript(action) || error instanceof RunError || isFailedCommand(error)
      ? changeFailed(error, { resource, action }, connection.host)
      : functionFailed(error, resource, connection.host);
  }
}

function changeOf(step: PlanStep): Change | undefined {
  return step.is === 'change' ? step.change : undefined;
}

/** The resource's change as its host is now; `undefined` when there is nothing left to do. */
async function replan(resource: Resource, { connection }: ApplyContext): Promise<Change | undefined> {
  const seen = await probe(connection, [hostFacts, ...Object.values(resource.reads)]);
  const [step] = planHost(connection.host, [resource], seen, factsFrom(seen)).steps;
  if (step?.is === 'unknown') {
    throw new HostFailed({
      host: connection.host,
      resource: resource.id,
      what: `cannot be planned: ${step.reason}`,
      hint: `run again with --check --diff --limit ${connection.host}`,
    });
  }
  return step?.is === 'change' ? step.change : undefined;
}

interface Applying {
  readonly context: ApplyContext;
  readonly log: TurnLog;
  /** Whether the host takes a guarded change back by itself. */
  readonly arms?: boolean;
}

async function applyChange(
  resource: Resource,
  change: Change,
  { context, log, arms = true }: Applying,
): Promise<void> {
  const { listener, connection } = context;
  const { host } = connection;
  const { id } = resource;
  const { undo, cannotUndo, timeoutMs = CHANGE_TIMEOUT_MS } = change;
  const started = performance.now();
  listener({ type: 'change-started', host, id, summary: change.summary });
  const begun: Begun = {
    resource,
    timeoutMs,
    guarded: arms && change.guarded === true,
    ...(undo === undefined ? { stays: cannotUndo ?? 'it cannot be undone' } : { undo }),
  };
  log.begun.push(begun);
  try {
    const prelude = joinScripts([
      keepUndo(begun, log.begun.length, context.runId),
      ...(arms && log.begun.some(({ guarded }) => guarded) ? [arm(context.runId, timeoutMs)] : []),
    ]);
    await runAction(change.apply, resource, { ...context, prelude }, timeoutMs);
  } catch (error) {
    if (error instanceof RunError) {
      listener({ type: 'change-failed', host, id, trouble: error.trouble });
    }
    throw error;
  }
  const ms = performance.now() - started;
  listener({ type: 'change-done', host, id, ms });
  log.applied.push({ id, summary: change.summary, ms });
}

async function quiesce(step: PlanStep, context: ApplyContext, log: TurnLog): Promise<void> {
  const { listener, connection } = context;
  const { resource } = step;
  const lockstep = step.is === 'change' ? step.change.lockstep : undefined;
  const reason = 'waits until every host can change together';
  listener({ type: 'change-deferred', host: connection.host, id: resource.id, reason });
  if (lockstep !== undefined) {
    const begun: Begun = {
      // Beside the change itself, which is still to come.
      resource: { ...resource, id: `${resource.id} silenced` },
      undo: lockstep.resume,
      timeoutMs: CHANGE_TIMEOUT_MS,
      guarded: false,
    };
    log.begun.push(begun);
    const prelude = keepUndo(begun, log.begun.length, context.runId);
    await runAction(lockstep.quiesce, begun.resource, { ...context, prelude }, CHANGE_TIMEOUT_MS);
  }
}

/** zx's ProcessOutput, as far as it is needed to tell why. */
interface FailedCommand {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

function isFailedCommand(error: unknown): error is Error & FailedCommand {
  return error instanceof Error && 'exitCode' in error && 'stderr' in error;
}

/** What a role's zx function threw of its own accord. */
function functionFailed(error: unknown, resource: Resource, host: string): HostFailed {
  const hint = `nothing after it was changed on ${host}; put the cause right and run again`;
  return new HostFailed({ host, resource: resource.id, hint, ...roleFault(error) }, { cause: error });
}

function changeFailed(
  error: unknown,
  { resource, action }: { readonly resource: Resource; readonly action: Action },
  host: string,
): Error {
  const own = { host, resource: resource.id };
  if (error instanceof RunError) {
    // A script begins with what the engine adds to it, which says nothing to anybody.
    const command = isScript(action) ? `apply ${resource.id}` : error.trouble.command;
    const Failed = error instanceof Unreachable ? Unreachable : HostFailed;
    return new Failed({ ...error.trouble, command, ...own }, { cause: error });
  }
  if (!isFailedCommand(error)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const lines = error.stderr.trimEnd().split('\n');
  return new HostFailed(
    {
      ...own,
      what: lines.at(-1) || 'the change failed',
      command: `apply ${resource.id}`,
      ended: error.signal === null ? `exit ${error.exitCode}` : `signal ${error.signal}`,
      why: lines.slice(0, -1).slice(-15),
      hint: `nothing after it was changed on ${host}; put the cause right and run again`,
    },
    { cause: error },
  );
}
