import type { DrillRow, TargetLoss, Trial } from '../core/drill.ts';
import type { Fault, FaultLimits } from '../core/fault.ts';
import type { WatchReport } from '../core/watch.ts';

/** What the clients of each target saw. */
export function lossesIn({ targets }: WatchReport): readonly TargetLoss[] {
  return targets.map(({ sent, lost, longestGapMs, slow, reasons }) => ({
    sent,
    lost,
    outageMs: longestGapMs,
    slow,
    reasons,
  }));
}

/** One row for each host and role that the fault was tried in, in the order of the first try; judged on the medians. */
export function rowsOf(fault: Fault, trials: readonly Trial[]): readonly DrillRow[] {
  const groups = new Map<string, Trial[]>();
  for (const trial of trials) {
    const key = `${trial.host} ${trial.role}`;
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  return [...groups.values()].flatMap((group) => rowOf(fault, group));
}

function rowOf({ name, limits }: Fault, trials: readonly Trial[]): readonly DrillRow[] {
  const [first] = trials;
  if (first === undefined) {
    return [];
  }
  const wholes = trials.flatMap(({ wholeMs }) => wholeMs ?? []);
  const lost = median(trials.map((trial) => totalOf(trial.targets)));
  const outageMs = median(
    trials.map((trial) => Math.max(0, ...trial.targets.map((target) => target.outageMs))),
  );
  const isWhole = wholes.length === trials.length;
  return [
    {
      fault: name,
      host: first.host,
      role: first.role,
      trials,
      limits,
      lostByTarget: first.targets.map((_, index) =>
        median(trials.map(({ targets }) => targets[index]?.lost ?? 0)),
      ),
      lost,
      outageMs,
      ...(isWhole && { wholeMs: median(wholes) }),
      vip: commonest(trials.map(({ vip }) => vip)),
      verdict: isWhole ? verdictOf({ lost, outageMs }, limits) : 'not whole again',
    },
  ];
}

function verdictOf(
  seen: { readonly lost: number; readonly outageMs: number },
  limits: FaultLimits,
): DrillRow['verdict'] {
  const isOver =
    seen.lost > (limits.lost ?? Number.POSITIVE_INFINITY) ||
    seen.outageMs > (limits.outageMs ?? Number.POSITIVE_INFINITY);
  return isOver ? 'over the limit' : 'passed';
}

function totalOf(targets: readonly TargetLoss[]): number {
  return targets.reduce((sum, { lost }) => sum + lost, 0);
}

/** The middle one; of an even number the worse of the two, a value that was measured. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** The one seen most often, the first of equals. */
function commonest(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) {
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}
