import { createHmac } from 'node:crypto';
import { parseApplied, type Applied } from '../core/applied.ts';
import type { Connection } from '../core/connection.ts';
import { HostFailed } from '../core/error.ts';
import type { Seen } from '../core/query.ts';
import type { Resource } from '../core/resource.ts';
import { canonicalText, type Digest } from '../core/saved-plan-digest.ts';
import { sh } from '../core/script.ts';
import { outputOf, type Output } from '../queries/output.ts';
import { packageNamed } from '../queries/package.ts';
import { unitFilesOf, type UnitFiles } from '../queries/unit-files.ts';
import { AUDIT_KEY } from './audit-log.ts';
import { ENGINE_KIND } from './leftover.ts';
import { probe } from './probe.ts';

const APPLIED = '/var/lib/run-playbook/applied.json';
const TIMEOUT_MS = 15_000;

/** What changes without anybody's doing: a service that systemd started again is the same service. */
const VOLATILE = new Set(['restarts', 'sub', 'candidate']);

/** How the last runs left a host, and the key of the digests in it. */
export const appliedQuery = outputOf(sh`cat ${AUDIT_KEY} && echo && cat ${APPLIED}`);

/** A host's record as a drift check reads it. */
export interface LastApplied extends Applied {
  readonly digest: Digest;
}

/** What the query above answered; undefined where no run has left a record. */
export function lastApplied({ stdout, exit }: Output): LastApplied | undefined {
  const end = stdout.indexOf('\n');
  const record = exit === 0 ? parseApplied(stdout.slice(end + 1)) : undefined;
  const key = stdout.slice(0, end);
  return (
    record && {
      ...record,
      digest: (text) => createHmac('sha256', key).update(text).digest('hex').slice(0, 32),
    }
  );
}

/**
 * Whether a resource is as the last runs left it, though perhaps not as it is declared by now.
 *
 * What no run has looked at yet is new in the project, such as a file that a file set has since; of a host that has no
 * record nobody knows.
 */
export function isAsLeft({ id, kind, reads }: Resource, seen: Seen, last: LastApplied | undefined): boolean {
  const left = last?.observed[id] ?? {};
  return (
    last !== undefined &&
    kind !== ENGINE_KIND &&
    Object.entries(reads).every(
      ([name, query]) => left[name] === undefined || left[name] === digestOf(seen.answer(query), last.digest),
    )
  );
}

function digestsOf({ reads }: Resource, seen: Seen, digest: Digest): Record<string, string> {
  const digests = Object.entries(reads).map(([name, query]) => [name, digestOf(seen.answer(query), digest)]);
  return Object.fromEntries(digests) as Record<string, string>;
}

/** What an answer is known by as long as nobody touches what it is about. */
function digestOf(answer: unknown, digest: Digest): string {
  return digest(canonicalText(steady(answer)));
}

function steady(answer: unknown): unknown {
  const isRecord = typeof answer === 'object' && answer !== null && !Array.isArray(answer);
  return isRecord && !(answer instanceof Uint8Array) && !(answer instanceof Map)
    ? Object.fromEntries(
        Object.entries(answer)
          .filter(([name]) => !VOLATILE.has(name))
          .map(([name, value]) => [name, name === 'active' ? isRunning(value) : value]),
      )
    : answer;
}

function isRunning(active: unknown): boolean {
  return active === 'active' || active === 'reloading';
}

/**
 * Keeps on the host how a run left it; what the run did not look at stays as an earlier one kept it.
 *
 * @throws HostFailed it cannot be written
 */
export async function keepApplied(
  connection: Connection,
  run: Pick<Applied, 'run' | 'playbook' | 'at'>,
  {
    resources,
    seen,
    digest,
  }: { readonly resources: readonly Resource[]; readonly seen: Seen; readonly digest: Digest },
): Promise<void> {
  const kept = outputOf(sh`cat ${APPLIED}`);
  const units = resources.flatMap(({ runs }) => (runs === undefined ? [] : unitFilesOf(runs)));
  const now = await probe(connection, [kept, ...units]);
  const before = parseApplied(now.answer(kept).stdout);
  const { observed = {}, packages = {} } = before ?? {};
  const record: Applied = {
    v: 1,
    ...run,
    observed: {
      ...observed,
      ...Object.fromEntries(resources.map((one) => [one.id, digestsOf(one, seen, digest)])),
    },
    packages: { ...packages, ...Object.fromEntries(resources.flatMap((one) => versionOf(one, seen))) },
    held: heldNow(before?.held ?? [], resources, seen),
    units: {
      ...before?.units,
      ...Object.fromEntries(units.flatMap((unit) => unitDigests(now.answer(unit), digest))),
    },
  };
  await write(connection, record);
}

/**
 * Keeps packages as they are now, as if a run had left them so.
 *
 * @throws HostFailed no run has left a record yet, or it cannot be written
 */
export async function keepPackages(
  connection: Connection,
  packages: Readonly<Record<string, string>>,
): Promise<void> {
  const { stdout } = await connection.exec(sh`cat ${APPLIED}`, { timeoutMs: TIMEOUT_MS });
  const before = parseApplied(stdout.toString('utf8'));
  if (before === undefined) {
    const hint = 'nothing is compared with it either';
    throw new HostFailed({ host: connection.host, what: `there is no ${APPLIED} to be corrected`, hint });
  }
  await write(connection, { ...before, packages: { ...before.packages, ...packages } });
}

async function write(connection: Connection, record: Applied): Promise<void> {
  const { exit, stderr } = await connection.exec(
    sh`set -e
umask 077
printf '%s\n' ${JSON.stringify(record)} >${APPLIED}.new
mv -fT -- ${APPLIED}.new ${APPLIED}`,
    { timeoutMs: TIMEOUT_MS },
  );
  if (exit !== 0) {
    throw new HostFailed({
      host: connection.host,
      what: `${APPLIED} could not be written`,
      why: stderr.trim().split('\n').filter(Boolean).slice(-3),
      hint: `drift checks compare with an older run: look at ${connection.host} (disk, read-only file system), then run again`,
    });
  }
}

/** Keyed digests by path of what a unit is made of: an environment file may hold a password. */
export function unitDigests({ digests }: UnitFiles, digest: Digest): readonly (readonly [string, string])[] {
  return [...digests].map(([path, own]) => [path, digest(own)] as const);
}

function heldNow(before: readonly string[], resources: readonly Resource[], seen: Seen): string[] {
  const names = resources.flatMap((one) => packageOf(one) ?? []);
  const others = before.filter((name) => !names.includes(name));
  return [...others, ...names.filter((name) => seen.answer(packageNamed(name)).held)];
}

/** Which package a resource is about, and its version. */
export function versionOf(resource: Resource, seen: Seen): readonly (readonly [string, string])[] {
  const name = packageOf(resource);
  const installed = name === undefined ? undefined : seen.answer(packageNamed(name)).installed;
  return name === undefined || installed === undefined ? [] : [[name, installed]];
}

export function packageOf({ kind, id }: Pick<Resource, 'kind' | 'id'>): string | undefined {
  return kind === 'package' ? id.replace(/^package /, '') : undefined;
}
