import type { DriftPast, DriftReport, Finding, IgnoreRule, Severity } from '../core/drift.ts';
import { EXIT } from '../core/error.ts';
import { driftAdvice, type DriftCommandLines } from './drift-advice.ts';
import {
  alikeGroups,
  clueText,
  driftSummary,
  HOST_STATUS,
  kindOf,
  placeOf,
  ruleText,
  severityCounts,
  sinceText,
  spanOf,
  type DriftGroup,
  type DriftOptions,
} from './drift-groups.ts';
import type { unifiedDiff } from './file-diff.ts';
import type { Ink } from './ink.ts';
import { hang, PARAGRAPH_WIDTH, wrap } from './layout.ts';
import { count, duration } from './phrases.ts';
import { diffLine } from './plan-text.ts';
import { vipText } from './status-text.ts';
import { adviceLines } from './summary-text.ts';
import { troubleText } from './trouble-text.ts';

export interface DriftTextOptions extends DriftOptions {
  /** What may be done now; absent where the command goes on to do it. */
  readonly commands?: DriftCommandLines | undefined;
}

const LABEL = 8;

/** Hosts that say the same. */
type Alike = readonly [DriftGroup, ...DriftGroup[]];

interface Printer {
  readonly report: DriftReport;
  readonly past: DriftPast | undefined;
  readonly ink: Ink;
  /** Present when diffs are shown; loaded only then. */
  readonly unified: typeof unifiedDiff | undefined;
}

/** What a drift check found, for a person to read: each host with what is wrong there, and what to do now. */
export async function driftText(report: DriftReport, ink: Ink, options: DriftTextOptions): Promise<string> {
  const unified = options.diff ? (await import('./file-diff.ts')).unifiedDiff : undefined;
  const printer: Printer = { report, past: options.past, ink, unified };
  const blocks = alikeGroups(report).map((groups) => groupBlock(groups, printer));
  const { ignored, expired, troubles, cluster } = report;
  const parts = [
    ...blocks.filter((block) => block.includes('\n')),
    blocks.filter((block) => !block.includes('\n')).join('\n'),
    ...troubles.map((trouble) => troubleText(trouble, ink)),
    cluster.vips.map((vip) => vipText(vip, ink)).join('\n'),
    ignored.map(({ finding, rule }) => ignoredLine(finding, rule, ink)).join('\n'),
    expired.map((rule) => expiredLines(rule, ink)).join('\n'),
    closing(report, ink, options),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function groupBlock(groups: Alike, printer: Printer): string {
  const [group] = groups;
  const head = groups.length === 1 ? headLine(group, printer) : sharedHead(groups, printer);
  return [head, ...group.findings.map((finding) => findingBlock(finding, printer))].join('\n');
}

function headLine({ name, host, findings }: DriftGroup, { report, ink }: Printer): string {
  const carried = report.cluster.hosts.find((one) => one.host === host?.host)?.carries ?? [];
  const said = [
    ...(findings.length === 0 && host !== undefined ? [HOST_STATUS[host.status]] : []),
    severityCounts(findings),
    host?.suppressed,
    carried.length === 0 ? undefined : `holds ${carried.join(', ')}`,
  ].filter((part) => part !== undefined && part !== '');
  const mark = markOf(host?.status);
  const symbol = ink.symbols[mark];
  const shown = ink.line(name);
  const plain = hang(`${symbol} ${shown}  `, ink.line(said.join(', ')), ink.width);
  return `${brushed(mark, ink)} ${ink.bold(shown)}${plain.slice(symbol.length + 1 + shown.length)}`;
}

function sharedHead(groups: Alike, { ink }: Printer): string {
  const [{ host, findings }] = groups;
  const counted = severityCounts(findings);
  const said = [
    counted === '' ? HOST_STATUS[host?.status ?? 'in-sync'] : `${counted} each`,
    ...(host?.suppressed === undefined ? [] : [ink.line(host.suppressed)]),
  ].join(', ');
  const names = wrap(groups.map(({ name }) => ink.line(name)).join(' '), (ink.width ?? PARAGRAPH_WIDTH) - 2);
  return [
    `${brushed(markOf(host?.status), ink)} ${ink.bold(count(groups.length, 'host'))}  ${said}`,
    ...names.map((line) => `  ${ink.dim(line)}`),
  ].join('\n');
}

type Mark = keyof Ink['symbols'];

function markOf(status: NonNullable<DriftGroup['host']>['status'] | undefined): Mark {
  switch (status) {
    case 'in-sync':
    case 'pending':
      return 'yes';
    case 'suppressed':
      return 'none';
    default:
      return 'no';
  }
}

function brushed(mark: Mark, ink: Ink): string {
  const brush = { yes: ink.green, no: ink.red, none: ink.dim }[mark];
  return brush(ink.symbols[mark]);
}

function findingBlock(finding: Finding, { past, ink, unified }: Printer): string {
  const { severity, item, found, expected, hint, evidence = [], diff } = finding;
  const span = spanOf(finding, past);
  const rows: readonly (readonly [label: string, text: string])[] = [
    ['found', found],
    ['expected', expected],
    ...(span === undefined ? [] : [['since', sinceText(span)] as const]),
    ...evidence.map((clue) => ['evidence', clueText(clue)] as const),
    ...(hint === undefined ? [] : [['do', hint] as const]),
  ];
  const [first = '', ...more] = hang(
    `  ${severity.padEnd(LABEL)}  `,
    `${ink.line(item)}  (${ink.line(kindOf(finding))})`,
    ink.width,
  ).split('\n');
  const head = first.replace(severity, ink.bold(brushOf(severity, ink)(severity)));
  const lines = rows.map(([label, text]) => row(label, text, ink));
  const diffs = (diff === undefined ? undefined : unified?.(diff, ink.masked)) ?? [];
  return [head, ...more, ...lines, ...diffs.map((line) => diffLine(line, ink))].join('\n');
}

function row(label: string, text: string, ink: Ink): string {
  const head = `      ${label.padEnd(LABEL)}  `;
  return hang(head, ink.line(text), ink.width).replace(label, ink.dim(label));
}

function brushOf(severity: Severity, ink: Ink): (text: string) => string {
  const brushes = { degraded: ink.red, drift: ink.yellow, pending: ink.cyan, notice: ink.dim };
  return brushes[severity];
}

function ignoredLine(finding: Finding, { reason, until }: IgnoreRule, ink: Ink): string {
  const what = `${placeOf(finding)}: ${finding.found}`;
  const end = until === undefined ? '' : ` until ${until}`;
  return hang(`${ink.symbols.none} ignored${end}  `, ink.line(`${what} (${reason})`), ink.width);
}

function expiredLines(rule: IgnoreRule, ink: Ink): string {
  const head = hang(
    '! ',
    ink.line(`the ignore rule ${ruleText(rule)} ended on ${rule.until ?? ''}: ${rule.reason}`),
    ink.width,
  );
  return [ink.yellow(head), row('do', 'renew it in the inventory, or remove it: drift.ignore', ink)].join(
    '\n',
  );
}

function closing(report: DriftReport, ink: Ink, { commands, diff }: DriftTextOptions): string {
  const { playbook, exit, ms } = report;
  const { verdict, more } = driftSummary(report);
  const next = commands === undefined ? [] : driftAdvice(report, commands, { diff });
  const brush = exit === EXIT.converged ? ink.green : (text: string) => ink.red(ink.bold(text));
  const name = ink.line(playbook);
  const [first = '', ...rest] = wrap(`${name}: ${verdict}${ink.line(more)} (${duration(ms)})`, ink.width);
  const shown = `${ink.bold(name)}: ${brush(verdict)}${first.slice(name.length + 2 + verdict.length)}`;
  return [[shown, ...rest].join('\n'), ...next.flatMap((advice) => adviceLines(advice, ink))].join('\n');
}
