import { appendFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DriftPast, DriftReport } from '../core/drift.ts';
import { EXIT, type ExitCode } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Secret } from '../core/secret.ts';
import type { DriftCommandLines } from '../report/drift-advice.ts';
import type { DriftOptions } from '../report/drift-groups.ts';
import { inkFor, mediumOf, type Ink } from '../report/ink.ts';
import { readCheckSchedule } from './check-schedule.ts';
import type { DriftCommand } from './command.ts';
import { commandLineOf } from './command-line.ts';
import { writeReport } from './report-file.ts';
import { scopeOf } from './scope.ts';
import type { World } from './world.ts';

export interface TellOptions {
  readonly command: DriftCommand;
  readonly secrets: readonly Secret[];
  /** Absent after an error. */
  readonly inventory?: Inventory | undefined;
  /** Absent where no history is kept. */
  readonly past?: DriftPast | undefined;
  /** False after an error, which has been told already: then only what reads documents is told. */
  readonly isMade?: boolean;
}

interface Told {
  readonly report: DriftReport;
  readonly options: TellOptions;
  readonly world: World;
  /** For files, which are UTF-8 without colours and as wide as they like. */
  readonly ink: Ink;
}

/** GitHub takes a summary of at most 1 MiB of a step, and shows nothing of a larger one. */
const MAX_SUMMARY = 1_000_000;

/**
 * Tells what a check found in every form that was asked for.
 *
 * A file that cannot be written is told on stderr and keeps nothing else from being told.
 *
 * @returns how the process ends: as the check did, or failed when only a file is missing
 */
export async function tellDrift(report: DriftReport, options: TellOptions, world: World): Promise<ExitCode> {
  const ink = inkFor({ color: false, unicode: true }, options.secrets);
  const told: Told = { report, options, world, ink };
  const written = await Promise.all(filesOf(told).map((file) => write(file, told)));
  await print(told);
  return report.exit === EXIT.converged && written.includes(false) ? EXIT.failed : report.exit;
}

interface ReportFile {
  readonly path: string;
  readonly text: () => Promise<string>;
  readonly save: (path: string, text: string) => Promise<void>;
}

function filesOf(told: Told): readonly ReportFile[] {
  const { junit: xmlFile, html: pageFile, markdown: place, metrics: metricsFile } = told.options.command;
  const file = (path: string | undefined, rest: Omit<ReportFile, 'path'>): readonly ReportFile[] =>
    path === undefined ? [] : [{ path, ...rest }];
  return [
    ...file(xmlFile, { text: () => junit(told), save: writeReport }),
    ...file(pageFile, { text: () => html(told), save: writeReport }),
    ...file(metricsFile, { text: () => metrics(told), save: writeForAll }),
    ...(place === true
      ? file(summaryOf(told.world), { text: () => summaryPage(told), save: appendFile })
      : file(place, { text: () => markdown(told), save: writeReport })),
  ];
}

/** The node exporter is another user, whatever the umask says. */
function writeForAll(path: string, text: string): Promise<void> {
  return writeReport(path, text, 0o644);
}

/** Where a GitHub job gathers what its steps have to say. */
function summaryOf({ env }: World): string | undefined {
  return env['GITHUB_STEP_SUMMARY'] || undefined;
}

async function write({ path, text, save }: ReportFile, { world, options }: Told): Promise<boolean> {
  const page = await text();
  try {
    await save(resolve(world.cwd, path), page);
    return true;
  } catch (error) {
    const ink = inkFor(mediumOf(world.stderr, world.env), options.secrets);
    const { troubleText } = await import('../report/trouble-text.ts');
    const why = [error instanceof Error ? error.message : String(error)];
    const trouble = {
      what: `${path} could not be written`,
      why,
      hint: 'free its place, or name another one',
    };
    world.stderr.write(`${troubleText(trouble, ink)}\n`);
    return false;
  }
}

async function print(told: Told): Promise<void> {
  const { report, options, world } = told;
  const { command, isMade = true } = options;
  if (command.json) {
    world.stdout.write(await json(told));
  } else if (command.markdown === true && summaryOf(world) === undefined) {
    world.stdout.write(await markdown(told));
  } else if (!command.quiet && isMade) {
    const { driftText } = await import('../report/drift-text.ts');
    const commands = command.fix || command.accept ? undefined : commandLines(command, report);
    const ink = inkFor(mediumOf(world.stdout, world.env), options.secrets);
    world.stdout.write(await driftText(report, ink, { ...wanted(told), commands }));
  }
}

function commandLines(command: DriftCommand, report: DriftReport): DriftCommandLines {
  const again = { ...command, playbook: command.playbook ?? report.playbook, tags: [], skipTags: [] };
  const drift = commandLineOf({ ...again, verb: 'drift' });
  return { drift, fix: (given) => `${drift(given)} --fix`, run: commandLineOf(again) };
}

function wanted({ options: { command, past } }: Told): DriftOptions {
  return { diff: command.diff, past };
}

async function json({ report, options, ink }: Told): Promise<string> {
  const [{ driftDocument }, { printedDocument }, { unifiedText }] = await Promise.all([
    import('../report/drift-document.ts'),
    import('../report/document.ts'),
    import('../report/file-diff.ts'),
  ]);
  const unified = options.command.diff
    ? (file: Parameters<typeof unifiedText>[0]) => unifiedText(file, ink.masked)
    : undefined;
  return printedDocument(driftDocument(report, { unified, past: options.past }), ink.masked);
}

async function junit(told: Told): Promise<string> {
  const { driftJunit } = await import('../report/drift-junit.ts');
  return driftJunit(told.report, told.ink, wanted(told));
}

async function html(told: Told): Promise<string> {
  const { driftPage } = await import('../report/drift-page.ts');
  return driftPage(told.report, told.ink, wanted(told));
}

async function metrics({ report, options: { inventory }, world, ink }: Told): Promise<string> {
  const { driftMetrics } = await import('../report/drift-metrics.ts');
  const schedule = inventory && (await readCheckSchedule(inventory, world));
  return driftMetrics(report, {
    inventory: inventory === undefined ? '' : scopeOf(inventory, world).inventory,
    everyMs: schedule?.everyMs,
    masked: ink.masked,
  });
}

async function markdown(told: Told): Promise<string> {
  const { driftMarkdown } = await import('../report/drift-markdown.ts');
  return driftMarkdown(told.report, told.ink, wanted(told));
}

/** What a job's other steps have to say stands before it. */
async function summaryPage(told: Told): Promise<string> {
  const page = await markdown(told);
  if (Buffer.byteLength(page) <= MAX_SUMMARY) {
    return page;
  }
  const { command } = told.options;
  return markdown({ ...told, options: { ...told.options, command: { ...command, diff: false } } });
}
