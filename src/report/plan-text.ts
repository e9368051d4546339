import { pendingSteps, type HostPlan, type PlanStep } from '../core/plan.ts';
import type { Change } from '../core/resource.ts';
import type { UnifiedLine, unifiedDiff } from './file-diff.ts';
import type { Ink } from './ink.ts';
import { hang, PARAGRAPH_WIDTH, wrap } from './layout.ts';
import { count } from './phrases.ts';

export interface PlanTextOptions {
  /** Whether every file's diff follows its change. */
  readonly diff: boolean;
  /** Whether items that are as declared are listed too. */
  readonly all: boolean;
}

/** Hosts beyond which equal plans are told once. */
const EACH_ITS_OWN = 8;
const ITEM_COLUMN = 34;

type Pending = Exclude<PlanStep, { is: 'ok' }>;

interface Printer {
  readonly ink: Ink;
  readonly options: PlanTextOptions;
  /** Present when diffs are shown; loaded only then. */
  readonly unified: typeof unifiedDiff | undefined;
}

/** What will be done on each host, for a person to read; ends with a newline unless there is no host. */
export async function planText(
  plans: readonly HostPlan[],
  ink: Ink,
  options: PlanTextOptions,
): Promise<string> {
  const unified =
    options.diff && plans.some(hasDiff) ? (await import('./file-diff.ts')).unifiedDiff : undefined;
  const printer: Printer = { ink, options, unified };
  const groups = plans.length > EACH_ITS_OWN ? alike(plans) : plans.map((plan) => [plan]);
  const blocks = groups.map((group) => planBlock(group, printer));
  return blocks
    .map((block, index) => {
      const spaced = block.includes('\n') || (blocks[index - 1] ?? '').includes('\n');
      return `${spaced && index > 0 ? '\n' : ''}${block}\n`;
    })
    .join('');
}

/** Hosts with equal plans together; those with nothing to do first, so that the rest stays in view. */
function alike(plans: readonly HostPlan[]): readonly (readonly HostPlan[])[] {
  const groups = new Map<string, HostPlan[]>();
  for (const plan of plans) {
    const key = fingerprint(plan);
    groups.set(key, [...(groups.get(key) ?? []), plan]);
  }
  return [...groups.values()].toSorted((a, b) => Number(isPending(a)) - Number(isPending(b)));
}

function fingerprint(plan: HostPlan): string {
  const parts = pendingSteps(plan).map((step) => {
    const shown = step.is === 'unknown' ? { reason: step.reason } : shownParts(step.change);
    return { id: step.resource.id, role: step.resource.role, ...shown };
  });
  return JSON.stringify(parts);
}

function shownParts({ summary, details, diff, destroys, cannotUndo }: Change) {
  return { summary, details, diff, destroys, cannotUndo };
}

function isPending(group: readonly HostPlan[]): boolean {
  return group.some((plan) => pendingSteps(plan).length > 0);
}

function hasDiff(plan: HostPlan): boolean {
  return plan.steps.some((step) => step.is === 'change' && (step.change.diff ?? []).length > 0);
}

function planBlock(group: readonly HostPlan[], printer: Printer): string {
  const { ink, options } = printer;
  const [plan] = group;
  if (plan === undefined) {
    return '';
  }
  const pending = pendingSteps(plan);
  const head = headLine(group, pending.length, ink);
  const steps = options.all ? plan.steps : pending;
  return [head, ...roleBlocks(steps, printer)].join('\n');
}

function headLine(group: readonly HostPlan[], pending: number, ink: Ink): string {
  const what = pending === 0 ? 'nothing to change' : count(pending, 'change');
  const shownWhat = pending === 0 ? ink.dim(what) : what;
  const names = group.map((plan) => ink.line(plan.host));
  if (names.length === 1) {
    return `${ink.bold(names[0] ?? '')}  ${shownWhat}`;
  }
  const list = wrap(names.join(' '), (ink.width ?? PARAGRAPH_WIDTH) - 2);
  const each = pending === 0 ? '' : ' each';
  return [
    `${ink.bold(count(names.length, 'host'))}  ${shownWhat}${each}`,
    ...list.map((line) => `  ${ink.dim(line)}`),
  ].join('\n');
}

function roleBlocks(steps: readonly PlanStep[], printer: Printer): readonly string[] {
  const { ink } = printer;
  const idWidth = Math.min(
    ITEM_COLUMN,
    Math.max(0, ...steps.map((step) => ink.line(step.resource.id).length)),
  );
  return steps.flatMap((step, index) => {
    const { role } = step.resource;
    const isNew = role !== undefined && role !== steps[index - 1]?.resource.role;
    const lines = step.is === 'ok' ? okLine(step, ink) : pendingLines(step, idWidth, printer);
    return isNew ? [`  ${ink.cyan(ink.line(role))}`, lines] : [lines];
  });
}

function okLine(step: PlanStep, ink: Ink): string {
  return ink.dim(`    = ${ink.line(step.resource.id)}`);
}

function pendingLines(step: Pending, idWidth: number, { ink, options, unified }: Printer): string {
  const id = ink.line(step.resource.id).padEnd(idWidth);
  if (step.is === 'unknown') {
    return ink.yellow('    ? ') + item(id, `not known yet: ${ink.line(step.reason)}`, ink);
  }
  const { change } = step;
  const warnings = [
    ...(change.destroys ?? []).map((lost) => `destroys ${ink.line(lost)}`),
    ...(change.cannotUndo === undefined ? [] : [`cannot be undone: ${ink.line(change.cannotUndo)}`]),
  ];
  const lines = [
    ink.yellow('    ~ ') + item(id, ink.line(change.summary), ink),
    ...(change.details ?? []).map((detail) => hang('        ', ink.line(detail), ink.width)),
    ...warnings.map((warning) => ink.red(hang('        ! ', warning, ink.width))),
  ];
  const files = options.diff && unified !== undefined ? (change.diff ?? []) : [];
  const diffs = files.flatMap((file) => unified?.(file, ink.masked) ?? []);
  return [...lines, ...diffs.map((line) => diffLine(line, ink))].join('\n');
}

/** The item and what happens to it, further lines under the latter; the mark before is printed already. */
function item(id: string, what: string, ink: Ink): string {
  const markWidth = 6;
  const width = ink.width === undefined ? undefined : ink.width - markWidth;
  return hang(`${id}  `, what, width).replaceAll('\n', `\n${' '.repeat(markWidth)}`);
}

/** A line of a diff below what it is about. */
export function diffLine({ is, text }: UnifiedLine, ink: Ink): string {
  const shown = ink.block(is === 'context' ? text.trimEnd() : text);
  const brushes = {
    file: ink.bold,
    hunk: ink.cyan,
    added: ink.green,
    removed: ink.red,
    context: (plain: string) => plain,
    remark: ink.dim,
  };
  return shown === '' ? '' : `      ${brushes[is](shown)}`;
}
