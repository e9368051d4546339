import { checkStanding } from '../core/check-standing.ts';
import { withDiffs } from '../core/drift-diffs.ts';
import { lookUp } from '../core/drift-lookup.ts';
import { spansOf } from '../core/drift-spans.ts';
import { EXIT } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Ink } from '../report/ink.ts';
import { readCheckSchedule } from './check-schedule.ts';
import type { DriftHistoryCommand, DriftShowCommand } from './command.ts';
import { readChecks } from './drift-log.ts';
import { failLooking } from './in-reach.ts';
import { inventoryOf } from './run-command.ts';
import { scopeOf } from './scope.ts';
import type { World } from './world.ts';

type LogCommand = DriftHistoryCommand | DriftShowCommand;

/** What is shown, in the form that is asked for. */
interface Shown {
  readonly document: (ink: Ink) => Promise<object>;
  readonly text: (ink: Ink) => Promise<string>;
}

/** Shows what is kept of earlier drift checks; no host is asked. */
export async function driftLogCommand(command: LogCommand, world: World): Promise<number> {
  try {
    const inventory = await inventoryOf({ ...command, extraVars: [] }, world);
    const shown =
      command.kind === 'drift-history'
        ? await history(command, inventory, world)
        : await one(command, inventory, world);
    const [{ inkFor, mediumOf }, { printedDocument }] = await Promise.all([
      import('../report/ink.ts'),
      import('../report/document.ts'),
    ]);
    const ink = inkFor(mediumOf(world.stdout, world.env), inventory.secrets);
    world.stdout.write(
      command.json ? printedDocument(await shown.document(ink), ink.masked) : await shown.text(ink),
    );
    return EXIT.converged;
  } catch (error) {
    return failLooking(error, command.json, world);
  }
}

async function history({ number }: DriftHistoryCommand, inventory: Inventory, world: World): Promise<Shown> {
  const [{ checks, unread }, schedule] = await Promise.all([
    readChecks(scopeOf(inventory, world), world.env, number),
    readCheckSchedule(inventory, world),
  ]);
  const reports = checks.map(({ report }) => report).toReversed();
  const standing = checkStanding(reports[0], schedule, new Date());
  const known = { reports: reports.slice(0, number), standing, unread };
  return {
    async document() {
      const { driftHistoryDocument } = await import('../report/drift-history-document.ts');
      return driftHistoryDocument(known);
    },
    async text(ink) {
      const { driftHistoryText } = await import('../report/drift-history-text.ts');
      return driftHistoryText(known, ink);
    },
  };
}

async function one({ id }: DriftShowCommand, inventory: Inventory, world: World): Promise<Shown> {
  const { checks } = await readChecks(scopeOf(inventory, world), world.env);
  const found = lookUp(id, checks);
  if (found.is === 'finding') {
    return {
      async document() {
        const { findingDocument } = await import('../report/drift-history-document.ts');
        return findingDocument(found);
      },
      async text(ink) {
        const { findingHistoryText } = await import('../report/drift-history-text.ts');
        return findingHistoryText(found, ink);
      },
    };
  }
  const report = withDiffs(found, checks);
  const until = checks.filter((check) => check.report.at <= report.at);
  const past = { spans: spansOf(until), checks: until.map((check) => check.report) };
  return {
    async document(ink) {
      const [{ driftDocument }, { unifiedText }] = await Promise.all([
        import('../report/drift-document.ts'),
        import('../report/file-diff.ts'),
      ]);
      return driftDocument(report, { unified: (file) => unifiedText(file, ink.masked), past });
    },
    async text(ink) {
      const { pastCheckText } = await import('../report/drift-history-text.ts');
      return pastCheckText(report, past, ink);
    },
  };
}
