import { mapLimited } from '../core/concurrency.ts';
import type { Connection } from '../core/connection.ts';
import { OtherPlaybook, type DriftReport, type IgnoreRule } from '../core/drift.ts';
import { RunError, Unreachable } from '../core/error.ts';
import type { Target } from '../core/inventory.ts';
import type { Query, Seen } from '../core/query.ts';
import type { Ask } from '../core/resource.ts';
import { askFromController } from '../stages/ask.ts';
import { probe } from '../stages/probe.ts';
import type { Sighting } from './findings.ts';
import { judgeReading, queriesOf, type Reading } from './reading.ts';
import { reportOf, type AskedHost } from './report.ts';
import type { MaintenanceWindow } from './suppress.ts';
import { surveyOf, type SurveyedSite } from './survey.ts';

/** What looks wrong in the middle of something, such as a failover, is not so any more after this time at least. */
const CONFIRM_MS = 2_000;

/** Everything a drift check is told; loaded and checked before. */
export interface DriftRequest extends SurveyedSite {
  /** Nobody named the playbook: it is taken for the one last applied. */
  readonly isGuess?: boolean;
  readonly forks: number;
  readonly connect: (target: Target) => Promise<Connection>;
  readonly ignore: readonly IgnoreRule[];
  readonly maintenance: readonly MaintenanceWindow[];
  /** Asks the hosts who and when, too. */
  readonly explain?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told what each host answered, the last reading last. */
  readonly onSeen?: (host: string, seen: Seen) => void;
  /** How one host is asked everything; the engine's own probe when left out. */
  readonly read?: ((connection: Connection, queries: readonly Query<unknown>[]) => Promise<Seen>) | undefined;
}

interface Host extends AskedHost {
  readonly connection?: Connection | undefined;
}

/**
 * Compares hosts with what is declared and with how the last run left them, and changes nothing.
 *
 * What looks wrong is looked at once more before it is reported, when it has had time to settle. One connection, and
 * one command a reading and host.
 *
 * @throws InvalidInput the playbook does not fit the hosts
 * @throws OtherPlaybook the playbook is a guess, and a wrong one
 */
export async function checkDrift(request: DriftRequest): Promise<DriftReport> {
  const started = performance.now();
  const now = new Date();
  const survey = surveyOf(request);
  const answering = new Map<string, Seen>();
  const ask: Ask = { ...askFromController, converged: (name) => answering.has(name) };
  const hosts = new Map<string, Host>();
  const read = async (before?: Reading): Promise<Reading> => {
    answering.clear();
    await mapLimited(survey.members, request.forks, async (member) => {
      const queries = queriesOf(member, survey);
      const { host, seen } = await readHost(member.target, hosts.get(member.host), queries, request);
      hosts.set(member.host, host);
      if (seen !== undefined) {
        answering.set(member.host, seen);
        request.onSeen?.(member.host, seen);
      }
    });
    return judgeReading(survey, new Map(answering), { ask, before });
  };
  try {
    const first = await read();
    const readings = [first];
    const { playbook, isGuess = false } = request;
    if (isGuess && first.playbook !== undefined && first.playbook !== playbook.name) {
      throw new OtherPlaybook(first.playbook);
    }
    const alarms = first.findings.filter(isAlarm);
    if (alarms.length > 0) {
      await pause(Math.max(CONFIRM_MS, ...alarms.map(({ settlesMs = 0 }) => settlesMs)), request.signal);
      readings.push(await read(first));
    }
    const ms = performance.now() - started;
    const report = reportOf({ ...request, playbook: playbook.name, readings, hosts, now, ms });
    return request.explain === true ? await explained(report, hosts) : report;
  } finally {
    await Promise.all([...hosts.values()].map(({ connection }) => connection?.close()));
  }
}

/** The same report with what hosts know of who and when; one that does not answer any more has nothing to say. */
async function explained(report: DriftReport, hosts: ReadonlyMap<string, Host>): Promise<DriftReport> {
  const { withEvidence } = await import('./evidence.ts');
  const findings = await Promise.all(
    report.hosts.map(async ({ host }) => {
      const own = report.findings.filter((finding) => finding.host === host);
      const connection = hosts.get(host)?.connection;
      if (connection === undefined || own.length === 0) {
        return own;
      }
      try {
        return await withEvidence(connection, own);
      } catch (error) {
        if (!(error instanceof RunError)) {
          throw error;
        }
        return own;
      }
    }),
  );
  const explainedBy = new Map(findings.flat().map((finding) => [finding.id, finding]));
  return { ...report, findings: report.findings.map((finding) => explainedBy.get(finding.id) ?? finding) };
}

function isAlarm({ severity }: Sighting): boolean {
  return severity === 'degraded' || severity === 'drift';
}

async function readHost(
  target: Target,
  before: Host | undefined,
  queries: readonly Query<unknown>[],
  { connect, read = probe }: DriftRequest,
): Promise<{ readonly host: Host; readonly seen?: Seen }> {
  const name = target.host;
  let connection = before?.connection;
  try {
    connection ??= await connect(target);
    return { host: { connection }, seen: await read(connection, queries) };
  } catch (error) {
    if (!(error instanceof RunError)) {
      throw error;
    }
    await connection?.close();
    const trouble = { ...error.trouble, host: name };
    return { host: { trouble, isUnreachable: error instanceof Unreachable } };
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
