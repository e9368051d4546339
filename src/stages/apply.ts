import type { Connection } from '../core/connection.ts';
import { HostFailed, RunError } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import { pendingSteps, planHost, type PlanStep } from '../core/plan.ts';
import type { Action, Change, Resource } from '../core/resource.ts';
import type { AppliedChange } from '../core/result.ts';
import type { Turn } from '../core/rollout.ts';
import { roleFault } from '../core/role-fault.ts';
import { isScript, sh, type Script } from '../core/script.ts';
import { factsFrom, hostFacts } from '../queries/facts.ts';
import { probe } from './probe.ts';

const CHANGE_TIMEOUT_MS = 60_000;
const UNDO_ROOT = '/var/lib/run-playbook/undo';

/** What one host's turn needs besides the turn itself. */
export interface ApplyContext {
  readonly connection: Connection;
  /** Names the undo directories of this run on the host. */
  readonly runId: string;
  readonly listener: Listener;
  /** Aborted: no further change is begun. */
  readonly signal?: AbortSignal | undefined;
}

/** What a turn did so far; filled while it goes on, so that it is known when a change fails. */
export interface TurnLog {
  readonly applied: AppliedChange[];
  readonly unneeded: string[];
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
    const { id, needs } = step.resource;
    if (turn.deferred.has(id)) {
      await quiesce(step, context);
      continue;
    }
    const again = step.is === 'unknown' || needs.some((need) => changed.has(need));
    const change = again ? await replan(step.resource, context) : changeOf(step);
    if (change === undefined) {
      log.unneeded.push(id);
      context.listener({ type: 'change-unneeded', host: context.connection.host, id });
      continue;
    }
    log.applied.push(await applyChange(step.resource, change, context));
    changed.add(id);
  }
}

/** What a turn left for later, after all other hosts are done. */
export async function applyDeferred(turn: Turn, context: ApplyContext, log: TurnLog): Promise<void> {
  for (const step of pendingSteps(turn.plan).filter(({ resource }) => turn.deferred.has(resource.id))) {
    context.signal?.throwIfAborted();
    const change = await replan(step.resource, context);
    if (change === undefined) {
      log.unneeded.push(step.resource.id);
    } else {
      log.applied.push(await applyChange(step.resource, change, context));
    }
  }
}

/** Removes what was kept for undoing this run. */
export async function discardUndo({ connection, runId }: ApplyContext): Promise<void> {
  await connection.exec(sh`rm -rf -- ${`${UNDO_ROOT}/${runId}`}; rmdir -- ${UNDO_ROOT} 2>/dev/null || :`, {
    timeoutMs: CHANGE_TIMEOUT_MS,
  });
}

/** Where a change keeps what its undo needs, on the host. */
export function undoDirectory(runId: string, id: string): string {
  return `${UNDO_ROOT}/${runId}/${id.replaceAll(/[^\w.-]+/g, '_')}`;
}

/** Runs an action as root with `RP_UNDO` set. @throws HostFailed it did not end with exit code 0 */
export async function runAction(
  action: Action,
  resource: Resource,
  context: ApplyContext,
  timeoutMs: number,
): Promise<void> {
  const { connection, runId } = context;
  const directory = undoDirectory(runId, resource.id);
  try {
    const $ = await connection.shell({ timeoutMs, env: { RP_UNDO: directory } });
    const prelude = sh`mkdir -p -m 0700 -- "$RP_UNDO"`;
    if (isScript(action)) {
      await $([`${prelude.text}\n${action.text}`] as unknown as TemplateStringsArray);
    } else {
      await $([prelude.text] as unknown as TemplateStringsArray);
      await action($);
    }
  } catch (error) {
    throw isScript(action) || error instanceof RunError || isFailedCommand(error)
      ? changeFailed(error, resource, connection.host)
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

async function applyChange(
  resource: Resource,
  change: Change,
  context: ApplyContext,
): Promise<AppliedChange> {
  const { listener, connection } = context;
  const { host } = connection;
  const { id } = resource;
  const started = performance.now();
  listener({ type: 'change-started', host, id, summary: change.summary });
  try {
    await runAction(change.apply, resource, context, change.timeoutMs ?? CHANGE_TIMEOUT_MS);
  } catch (error) {
    if (error instanceof RunError) {
      listener({ type: 'change-failed', host, id, trouble: error.trouble });
    }
    throw error;
  }
  const ms = performance.now() - started;
  listener({ type: 'change-done', host, id, ms });
  return { id, summary: change.summary, ms };
}

async function quiesce(step: PlanStep, context: ApplyContext): Promise<void> {
  const { listener, connection } = context;
  const silence: Script | undefined = step.is === 'change' ? step.change.lockstep?.quiesce : undefined;
  const reason = 'waits until every host can change together';
  listener({ type: 'change-deferred', host: connection.host, id: step.resource.id, reason });
  if (silence !== undefined) {
    await runAction(silence, step.resource, context, CHANGE_TIMEOUT_MS);
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

function changeFailed(error: unknown, resource: Resource, host: string): Error {
  if (error instanceof RunError) {
    return new HostFailed({ ...error.trouble, host, resource: resource.id }, { cause: error });
  }
  if (!isFailedCommand(error)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const lines = error.stderr.trimEnd().split('\n');
  return new HostFailed(
    {
      host,
      resource: resource.id,
      what: lines.at(-1) || 'the change failed',
      command: `apply ${resource.id}`,
      ended: error.signal === null ? `exit ${error.exitCode}` : `signal ${error.signal}`,
      why: lines.slice(0, -1).slice(-15),
      hint: `nothing after it was changed on ${host}; put the cause right and run again`,
    },
    { cause: error },
  );
}
