import { AUDIT_VERSION, type HostLine, type HostOutcome, type RunRecord } from '../core/audit.ts';
import type { Connection } from '../core/connection.ts';
import { EXIT, HostFailed, RunError, Unreachable, type Trouble } from '../core/error.ts';
import type { RunAudit, RunRequest } from '../core/request.ts';
import type { RunResult } from '../core/result.ts';
import type { Digest } from '../core/saved-plan-digest.ts';
import { keepApplied } from './applied.ts';
import { appendToLog, auditDigest } from './audit-log.ts';
import { outcomeOf, planDigest } from './audit-outcome.ts';
import { ENGINE_KIND } from './leftover.ts';
import { planMember } from './plan.ts';
import { probe } from './probe.ts';
import type { Session } from './session.ts';

export interface AuditedRun {
  readonly runId: string;
  readonly sessions: readonly Session[];
  readonly request: RunRequest;
}

/**
 * A run's result, once it is written down on every host that it changed, and here: when it begins and how it ended.
 *
 * What cannot be written down is told among the troubles, and is no reason to end otherwise.
 */
export async function audited(run: AuditedRun, work: () => Promise<RunResult>): Promise<RunResult> {
  const { audit, check } = run.request;
  if (audit === undefined || check) {
    return work();
  }
  const begun = begin(run, audit);
  const troubles: Trouble[] = [];
  const keep = async (record: RunRecord) => {
    try {
      await audit.keep(record);
    } catch (error) {
      const why = [error instanceof Error ? error.message : String(error)];
      troubles.push({ what: 'this run could not be written down here', why, hint: 'see docs/operations.md' });
    }
  };
  await keep(begun);
  try {
    const result = await work();
    const revision = await audit.revision;
    const end = {
      end: now(),
      exit: result.exit,
      plan: planDigest(result.hosts, audit.masked),
      ...(revision !== undefined && { revision }),
    };
    const told = await tellHosts({ ...begun, ...end }, run, audit);
    await keep({ ...begun, ...end, hosts: told.hosts });
    return { ...result, troubles: [...result.troubles, ...told.troubles, ...troubles] };
  } catch (error) {
    await keep({ ...begun, end: now(), exit: error instanceof RunError ? error.exit : EXIT.failed });
    throw error;
  }
}

function begin({ runId, request }: AuditedRun, audit: RunAudit): RunRecord {
  const { project, inventory, lab, mark } = audit;
  return {
    v: AUDIT_VERSION,
    run: runId,
    playbook: request.playbook.name,
    start: now(),
    ...mark,
    project,
    inventory,
    selected: request.selected,
    ...(lab !== undefined && { lab }),
  };
}

interface Told {
  readonly hosts: Readonly<Record<string, HostOutcome>>;
  readonly troubles: readonly Trouble[];
}

/** Every host that was changed is told what became of the run there, while its lock is still held. */
async function tellHosts(record: RunRecord, run: AuditedRun, audit: RunAudit): Promise<Told> {
  const troubles: Trouble[] = [];
  const own = run.sessions.filter(({ member }) => !member.witness);
  const outcomes = await Promise.all(
    own.map(async (session) => {
      let digest: Digest | undefined;
      const outcome = () => outcomeOf(session, { ...audit, digest });
      try {
        if (session.log.begun.length > 0) {
          await withConnection(session, run.request, async (connection) => {
            digest = await unlessFailed(auditDigest(connection));
            session.after ??= await unlessFailed(probe(connection, session.member.queries));
            await appendToLog(connection, JSON.stringify(lineOf(record, session.host, outcome())));
            await remember(record, session, { connection, digest });
          });
        }
      } catch (error) {
        troubles.push(...untold(session, error));
      }
      return outcome();
    }),
  );
  const hosts = Object.fromEntries(own.map(({ host }, index) => [host, outcomes[index]] as const));
  return { hosts: hosts as Told['hosts'], troubles };
}

/** Drift checks compare with how the last run left the host. */
async function remember(
  { run, playbook }: RunRecord,
  { status, member, after }: Session,
  { connection, digest }: { readonly connection: Connection; readonly digest: Digest | undefined },
): Promise<void> {
  if (status === 'changed' && after !== undefined && digest !== undefined) {
    // What the run was not asked for may be as declared as well.
    const { steps } = planMember(member, after, { tags: [], skipTags: [] });
    const resources = steps
      .filter(({ is, resource }) => is === 'ok' && resource.kind !== ENGINE_KIND)
      .map(({ resource }) => resource);
    await keepApplied(connection, { run, playbook, at: now() }, { resources, seen: after, digest });
  }
}

function lineOf(record: RunRecord, host: string, outcome: HostOutcome): HostLine {
  const { v, run, playbook, start, end, exit, plan, by, from, pid, command, revision } = record;
  return { v, run, playbook, start, end, exit, plan, by, from, pid, command, revision, host, ...outcome };
}

/** A line that says less is better than none. */
async function unlessFailed<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof HostFailed) {
      return undefined;
    }
    throw error;
  }
}

/** A host that was lost may be back: it is asked once more. */
async function withConnection(
  session: Session,
  { connect }: RunRequest,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  const { connection } = session;
  if (connection !== undefined) {
    try {
      return await work(connection);
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        throw error;
      }
      await connection.close();
    }
  }
  session.connection = await connect(session.member.target);
  return work(session.connection);
}

/** @throws what is a bug */
function untold({ host, trouble }: Session, error: unknown): readonly Trouble[] {
  if (!(error instanceof RunError)) {
    throw error;
  }
  if (error instanceof HostFailed) {
    return [{ host, ...error.trouble }];
  }
  // That it does not answer has been told.
  const hint = `what was done there is kept here: run-playbook history ${host}`;
  return trouble === undefined ? [{ ...error.trouble, host, hint }] : [];
}

function now(): string {
  return new Date().toISOString();
}
