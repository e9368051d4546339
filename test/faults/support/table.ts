import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VARIABLE = 'RUN_PLAYBOOK_FAULT_TABLE';

/** One line of the table at the end of the suite. */
export interface Row {
  readonly fault: string;
  readonly exit: string;
  /** Requests without an answer; undefined where nothing served before. */
  readonly lost: number | undefined;
  readonly outageMs: number | undefined;
  readonly seconds: number;
}

/** Adds a row; without the suite around it nothing is printed. */
export function tellRow(row: Row): void {
  const file = process.env[VARIABLE];
  if (file !== undefined) {
    appendFileSync(file, `${JSON.stringify(row)}\n`);
  }
}

/** vitest's globalSetup: collects the rows of all files, and prints them when the last one has ended. */
export default function collect(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'faults-'));
  const file = join(directory, 'rows');
  process.env[VARIABLE] = file;
  return () => {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    const rows = lines.map((line) => JSON.parse(line) as Row);
    rmSync(directory, { recursive: true });
    if (rows.length > 0) {
      process.stdout.write(`\n${tableOf(rows)}\n`);
    }
  };
}

function tableOf(rows: readonly Row[]): string {
  const cells = [
    ['fault', 'exit', 'lost', 'longest outage', 'took'],
    ...rows.map(({ fault, exit, lost, outageMs, seconds }) => [
      fault,
      exit,
      lost === undefined ? '-' : String(lost),
      outageMs === undefined ? '-' : `${(outageMs / 1000).toFixed(2)} s`,
      `${seconds.toFixed(0)} s`,
    ]),
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
