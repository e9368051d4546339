import { setTimeout as sleep } from 'node:timers/promises';
import { BecomeFailed, Locked, RunError, Unreachable } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import { pendingSteps } from '../core/plan.ts';
import type { RunRequest } from '../core/request.ts';
import { rawScript } from '../core/script.ts';
import { undoOrder, type Begun, type Rollback } from '../core/undo.ts';
import { disarmNow } from './armed-undo.ts';
import { runAction } from './apply.ts';
import { keepEvidence } from './evidence.ts';
import { AFTER_OTHERS, discardUndo, readKept } from './kept-undo.ts';
import { lockAgain } from './own-lock.ts';
import { planMember } from './plan.ts';
import { probe } from './probe.ts';
import { onHost, type OnHost } from './reach.ts';
import type { Session } from './session.ts';
import { UNDO_ROOT } from './undo-place.ts';

/** How long a host that was lost may take to answer again, and how often it is asked. */
const RETURN_MS = 60_000;
const RETRY_MS = 1_000;
/** How long taking back may take before the host begins on its own after all. */
const ROLLBACK_MS = 10 * 60_000;

export interface RollbackContext {
  readonly request: RunRequest;
  readonly runId: string;
  readonly listener: Listener;
}

/**
 * Takes back everything the run did on a host, files first, and reads it again; how it stood is kept before.
 *
 * What cannot be taken back is told; nothing is thrown but bugs.
 */
export async function rollBack(session: Session, context: RollbackContext): Promise<Rollback> {
  const { host, log } = session;
  const { listener, runId } = context;
  listener({ type: 'rollback-started', host, changes: log.begun.length });
  const tally: Tally = { undone: [], stays: [], left: [] };
  try {
    const on = patiently(session, context.request);
    await on((connection) => probe(connection, []));
    await keepEvidence(session, context.request);
    await takeAllBack({ session, context, on, tally });
  } catch (error) {
    await keepEvidence(session, context.request);
    const byItself = log.begun.some(({ guarded }) => guarded) ? 'it takes itself back within minutes; ' : '';
    tally.left.push(`${host}: ${whyOf(error)}; ${byItself}on the host: sh ${UNDO_ROOT}/${runId}/undo`);
  }
  session.rollback = tally;
  listener({ type: 'rollback-ended', host, rollback: tally });
  return tally;
}

/** Filled while it goes on. */
type Tally = { readonly [kind in keyof Rollback]: string[] };

interface Undoing {
  readonly session: Session;
  readonly context: RollbackContext;
  readonly on: OnHost;
  readonly tally: Tally;
}

async function takeAllBack({ session, context, on, tally }: Undoing): Promise<void> {
  const { log } = session;
  const { request, runId } = context;
  const isGuarded = log.begun.some(({ guarded }) => guarded);
  const kept = await on((connection) =>
    readKept({ connection, runId }, log.begun, {
      waitMs: log.begun.at(-1)?.timeoutMs ?? 0,
      // While it is taken back from here, the host must not begin on its own.
      ...(isGuarded && { holdOffMs: ROLLBACK_MS }),
    }),
  );
  if (kept.isBusy) {
    tally.left.push(`${log.begun.at(-1)?.resource.id}: still goes on`);
  }
  for (const begun of undoOrder(log.begun)) {
    const { id } = begun.resource;
    // Nothing kept: the host has taken all back by itself, or nothing was begun.
    const isBegun = kept.isThere ? !kept.unbegun.has(id) : log.applied.length > 0;
    if (isBegun && begun.undo === undefined) {
      tally.stays.push(`${id}: ${begun.stays}`);
    } else if (isBegun && !kept.isThere) {
      tally.undone.push(id);
    } else if (isBegun) {
      await takeOneBack(begun, { session, context, on, tally });
    }
  }
  tally.left.push(...(await notAsBefore(session, on, request)));
  if (kept.isThere && isGuarded) {
    await on((connection) => disarmNow(connection, runId)).catch((error: unknown) =>
      tally.left.push(`armed undo: ${whyOf(error)}`),
    );
  }
  if (tally.left.length === 0) {
    await on((connection) => discardUndo({ connection, runId }));
  }
}

async function takeOneBack(
  { resource, undo = rawScript(':'), timeoutMs }: Begun,
  { session, context, on, tally }: Undoing,
): Promise<void> {
  const { listener, runId } = context;
  const { id } = resource;
  try {
    await on((connection) =>
      runAction(undo, resource, { connection, runId, listener, prelude: AFTER_OTHERS }, timeoutMs),
    );
    tally.undone.push(id);
    listener({ type: 'change-undone', host: session.host, id });
  } catch (error) {
    tally.left.push(`${id}: ${whyOf(error)}`);
  }
}

/** Lends a connection to work that may be done twice: a host that was lost is waited for, in the middle of a rollback too. */
function patiently(session: Session, request: RunRequest): OnHost {
  return async (work) => {
    const deadline = performance.now() + RETURN_MS;
    for (;;) {
      try {
        return await onHost(
          session,
          request,
        )(async (connection) => {
          await lockAgain(session, request);
          return work(connection);
        });
      } catch (error) {
        if (!mayPass(error) || performance.now() > deadline) {
          throw error;
        }
        await sleep(RETRY_MS);
      }
    }
  };
}

/** Not a refusal of sudo: asked again and again, it locks the account on some hosts. */
function mayPass(error: unknown): boolean {
  return (error instanceof Unreachable && !(error instanceof BecomeFailed)) || error instanceof Locked;
}

/** What was as declared before the run and is not any more. */
async function notAsBefore(session: Session, on: OnHost, request: RunRequest): Promise<readonly string[]> {
  const { member, plan } = session;
  const planned = new Set((plan === undefined ? [] : pendingSteps(plan)).map(({ resource }) => resource.id));
  session.after = await on((connection) => probe(connection, member.queries));
  const now = planMember(member, session.after, request);
  return pendingSteps(now)
    .filter(({ resource }) => !planned.has(resource.id))
    .map((step) => `${step.resource.id}: ${step.is === 'change' ? step.change.summary : step.reason}`);
}

function whyOf(error: unknown): string {
  if (!(error instanceof RunError)) {
    throw error;
  }
  return error.trouble.what;
}
