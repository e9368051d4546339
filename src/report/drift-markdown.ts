import type { DriftReport, Finding } from '../core/drift.ts';
import { shownTrouble } from './trouble-text.ts';
import {
  driftGroups,
  driftSummary,
  HOST_STATUS,
  kindOf,
  placeOf,
  ruleText,
  sinceText,
  spanOf,
  titleOf,
  type DriftOptions,
} from './drift-groups.ts';
import { unifiedDiff } from './file-diff.ts';
import type { Ink } from './ink.ts';
import { blockInMarkdown, codeInMarkdown, inMarkdown, tableInMarkdown } from './markdown.ts';
import { momentText } from './moments.ts';
import { duration } from './phrases.ts';

/** Lines of one diff beyond which only their number is told. */
const DIFF_LINES = 200;

interface Writing {
  readonly report: DriftReport;
  readonly past: DriftOptions['past'];
  readonly ink: Ink;
  /** Foreign text, harmless. */
  readonly plain: (text: string) => string;
  /** The same in the letters of code. */
  readonly code: (text: string) => string;
}

/** A check as a page of Markdown, for a wiki, an issue or the summary of a CI job. */
export function driftMarkdown(report: DriftReport, ink: Ink, { diff, past }: DriftOptions): string {
  const writing: Writing = {
    report,
    past,
    ink,
    plain: (text) => inMarkdown(ink.line(text)),
    code: (text) => codeInMarkdown(ink.line(text)),
  };
  const { plain } = writing;
  const { verdict, more } = driftSummary(report);
  const parts = [
    `## ${plain(titleOf(report))}: ${verdict}`,
    `${momentText(report.at)} UTC, ${duration(report.ms)}, check ${plain(report.id)}: **${verdict}**${plain(more)}.`,
    hostsTable(writing),
    findingsTable(writing),
    hints(writing),
    troubles(writing),
    ...(diff ? report.findings.flatMap((finding) => diffDetails(finding, writing)) : []),
    notReported(writing),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function hostsTable({ report, plain }: Writing): string {
  const rows = report.hosts.map(({ host, status, suppressed }) => {
    const now = report.cluster.hosts.find((one) => one.host === host);
    const services = now?.services.map(({ name, active }) => `${name} ${active}`) ?? [];
    const vrrp = now?.vrrp.map(({ instance, state }) => `${instance} ${state}`) ?? [];
    const said = suppressed === undefined ? HOST_STATUS[status] : `${HOST_STATUS[status]}: ${suppressed}`;
    return [host, said, now?.carries.join(', ') ?? '', vrrp.join(', '), services.join(', ')].map(plain);
  });
  return rows.length === 0 ? '' : tableInMarkdown(['host', '', 'holds', 'VRRP', 'services'], rows);
}

function findingsTable({ report, past, plain, code }: Writing): string {
  const hasHistory = past !== undefined;
  const rows = driftGroups(report).flatMap(({ name, findings }) =>
    findings.map((finding) => {
      const span = spanOf(finding, past);
      const { severity, item, found, expected } = finding;
      const since = hasHistory ? [span === undefined ? '' : plain(sinceText(span))] : [];
      return [
        severity,
        plain(name),
        `${code(item)} (${plain(kindOf(finding))})`,
        code(found),
        code(expected),
        ...since,
      ];
    }),
  );
  const head = ['severity', 'host', 'item', 'found', 'expected', ...(hasHistory ? ['since'] : [])];
  return rows.length === 0 ? '' : tableInMarkdown(head, rows);
}

function hints({ report, code, plain }: Writing): string {
  const lines = report.findings.flatMap(({ hint, ...finding }) =>
    hint === undefined ? [] : [`- ${code(placeOf(finding))}: ${plain(hint)}`],
  );
  return lines.length === 0 ? '' : `What to do:\n\n${lines.join('\n')}`;
}

function troubles({ report, plain }: Writing): string {
  return report.troubles
    .map((trouble) => shownTrouble(trouble, plain))
    .map(({ host, what, why = [], hint }) =>
      [
        `- **${host === undefined ? what : `${host}: ${what}`}**`,
        ...why.map((line) => `  - ${line}`),
        ...(hint === undefined ? [] : [`  - do: ${hint}`]),
      ].join('\n'),
    )
    .join('\n');
}

function diffDetails(finding: Finding, { ink, code }: Writing): readonly string[] {
  if (finding.diff === undefined) {
    return [];
  }
  const lines = unifiedDiff(finding.diff, ink.masked).map(({ text }) => ink.block(text));
  const more = lines.length - DIFF_LINES;
  const shown = more > 0 ? [...lines.slice(0, DIFF_LINES), `… ${more} more lines`] : lines;
  return [
    `<details><summary>${code(placeOf(finding))}</summary>\n\n${blockInMarkdown('diff', shown)}\n\n</details>`,
  ];
}

function notReported({ report, plain, code }: Writing): string {
  const ignored = report.ignored.map(
    ({ finding, rule: { reason, until } }) =>
      `- ignored${until === undefined ? '' : ` until ${plain(until)}`}: ${code(placeOf(finding))}, ${plain(`${finding.found} (${reason})`)}`,
  );
  const expired = report.expired.map(
    (rule) =>
      `- **the ignore rule ${code(ruleText(rule))} ended on ${plain(rule.until ?? '')}**: ${plain(rule.reason)}`,
  );
  return [...ignored, ...expired].join('\n');
}
