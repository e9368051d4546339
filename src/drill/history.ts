import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DrillRole, DrillRow, KeptRow } from '../core/drill.ts';

/** The file goes by this number, so that one of another shape is not read. */
const VERSION = 1;

const ROLES: readonly unknown[] = ['holder', 'standby', 'all'] satisfies readonly DrillRole[];
/** The last moment that a Date can tell. */
const LATEST_MS = 8.64e15;

/**
 * Where the results of a playbook's drills are kept, by XDG's base directory specification.
 *
 * @param inventory its file: the same playbook on other hosts is another drill
 */
export function historyFile(
  {
    projectDir,
    inventory,
    playbook,
  }: { readonly projectDir: string; readonly inventory: string; readonly playbook: string },
  env: NodeJS.ProcessEnv,
): string {
  const state = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state');
  const project = createHash('sha256').update(`${projectDir}\0${inventory}`).digest('hex').slice(0, 12);
  return join(state, 'run-playbook', 'drills', `${project}-${playbook.replaceAll(/[^\w.-]+/g, '_')}.json`);
}

/** The rows of earlier drills; none when there was none, or when they cannot be read. */
export async function readHistory(file: string): Promise<readonly KeptRow[]> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as {
      readonly version?: unknown;
      readonly rows?: unknown;
    };
    return kept.version === VERSION && Array.isArray(kept.rows) ? kept.rows.filter(isRow) : [];
  } catch {
    return [];
  }
}

/** Whether a row is what `mergeHistory` made. */
function isRow(row: unknown): row is KeptRow {
  const {
    fault,
    host,
    role,
    lost,
    outageMs,
    wholeMs = 0,
    at,
  } = Object(row) as Record<keyof KeptRow, unknown>;
  const isDate = Number.isFinite(at) && Math.abs(Number(at)) <= LATEST_MS;
  return (
    typeof fault === 'string' &&
    typeof host === 'string' &&
    ROLES.includes(role) &&
    [lost, outageMs, wholeMs].every(Number.isFinite) &&
    isDate
  );
}

/** The rows of this drill, and those of earlier ones about what it did not try. */
export function mergeHistory(
  before: readonly KeptRow[],
  rows: readonly DrillRow[],
  at: number,
): readonly KeptRow[] {
  const fresh = new Set(rows.map(keyOf));
  const now = rows.map(({ fault, host, role, lost, outageMs, wholeMs }): KeptRow => ({
    fault,
    host,
    role,
    lost,
    outageMs,
    ...(wholeMs !== undefined && { wholeMs }),
    at,
  }));
  return [...before.filter((row) => !fresh.has(keyOf(row))), ...now];
}

function keyOf({ fault, host, role }: Pick<KeptRow, 'fault' | 'host' | 'role'>): string {
  return `${fault} ${host} ${role}`;
}

/** Keeps rows for the next drill to compare with. @throws Error the file cannot be written */
export async function writeHistory(file: string, rows: readonly KeptRow[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  await writeFile(next, `${JSON.stringify({ version: VERSION, rows }, undefined, 2)}\n`, { mode: 0o600 });
  await rename(next, file);
}
