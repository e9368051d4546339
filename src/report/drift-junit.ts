import type { DriftReport, Finding, IgnoreRule } from '../core/drift.ts';
import type { Trouble } from '../core/error.ts';
import {
  driftGroups,
  HOST_STATUS,
  kindOf,
  otherTroubles,
  sinceText,
  spanOf,
  type DriftGroup,
  type DriftOptions,
} from './drift-groups.ts';
import { unifiedText } from './file-diff.ts';
import type { Ink } from './ink.ts';
import { markupFor, type Markup, type Tag } from './markup.ts';

interface Case {
  readonly name: string;
  readonly class: string;
  readonly outcome?: Markup;
  readonly is: 'passed' | 'failure' | 'error' | 'skipped';
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

interface Writing {
  readonly report: DriftReport;
  readonly xml: Tag;
  readonly ink: Ink;
  readonly options: DriftOptions;
}

/**
 * A check as JUnit XML: a suite per host, a case per finding, and one case of a host that has none.
 *
 * What is degraded or drifted fails, a host that could not be asked is an error; what is pending, ignored or not
 * reported is skipped.
 */
export function driftJunit(report: DriftReport, ink: Ink, options: DriftOptions): string {
  const xml = markupFor(ink);
  const writing: Writing = { report, xml, ink, options };
  const suites = suitesOf(writing);
  const cases = suites.flatMap((suite) => suite.cases);
  const name = `drift ${report.playbook}`.trim();
  const body = suites.map((suite) => suiteText(suite, writing));
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${name}" ${totals(cases, xml)} time="${seconds(report)}">
${body}</testsuites>
`.text;
}

function suitesOf(writing: Writing): readonly Suite[] {
  const { report, xml } = writing;
  const groups = driftGroups(report);
  const others = otherTroubles(report);
  return [
    ...groups.map((group) => ({ name: group.name, cases: casesOf(group, writing) })),
    ...(others.length === 0
      ? []
      : [
          {
            name: 'check',
            cases: others.map((trouble): Case => ({
              name: trouble.host ?? 'the check',
              class: 'check',
              is: 'error',
              outcome: xml`<error message="${trouble.what}">${troubleLines(trouble)}</error>`,
            })),
          },
        ]),
  ];
}

function casesOf(group: DriftGroup, writing: Writing): readonly Case[] {
  const { report, xml } = writing;
  const ignored = report.ignored.filter(({ finding }) => finding.host === group.host?.host);
  const found = [
    ...group.findings.map((finding) => findingCase(finding, writing)),
    ...ignored.map(({ finding, rule }) => ignoredCase(finding, rule, xml)),
  ];
  const { host } = group;
  if (host?.trouble !== undefined) {
    const { what } = host.trouble;
    const outcome = xml`<error message="${what}">${troubleLines(host.trouble)}</error>`;
    return [{ name: HOST_STATUS[host.status], class: 'host', is: 'error', outcome }, ...found];
  }
  if (host?.suppressed !== undefined) {
    const outcome = xml`<skipped message="${host.suppressed}"/>`;
    return [{ name: HOST_STATUS[host.status], class: 'host', is: 'skipped', outcome }, ...found];
  }
  return found.length > 0 ? found : [{ name: 'in sync', class: 'host', is: 'passed' }];
}

function findingCase(finding: Finding, { xml, ink, options: { diff, past } }: Writing): Case {
  const { item, class: is, severity, found, expected, hint } = finding;
  const about = { name: item, class: is };
  const message = `${severity}: ${found}, expected: ${expected}`;
  if (severity === 'pending' || severity === 'notice') {
    return { ...about, is: 'skipped', outcome: xml`<skipped message="${message}"/>` };
  }
  const span = spanOf(finding, past);
  const lines = [
    `found: ${found}`,
    `expected: ${expected}`,
    `about: ${kindOf(finding)}`,
    ...(span === undefined ? [] : [`since: ${sinceText(span)}`]),
    ...(hint === undefined ? [] : [`do: ${hint}`]),
    ...(diff && finding.diff !== undefined
      ? unifiedText(finding.diff, ink.masked).trimEnd().split('\n')
      : []),
  ];
  const outcome = xml`<failure type="${severity}" message="${message}">${textOf(lines, xml)}</failure>`;
  return { ...about, is: 'failure', outcome };
}

function ignoredCase({ item, class: is, found }: Finding, { reason }: IgnoreRule, xml: Tag): Case {
  return {
    name: item,
    class: is,
    is: 'skipped',
    outcome: xml`<skipped message="${`ignored: ${found} (${reason})`}"/>`,
  };
}

function troubleLines({ why = [], hint }: Trouble): string {
  return [...why, ...(hint === undefined ? [] : [`do: ${hint}`])].join('; ');
}

function textOf(lines: readonly string[], xml: Tag): Markup {
  return xml`${lines.map((line) => xml`${line}\n`)}`;
}

function suiteText({ name, cases }: Suite, { report, xml }: Writing): Markup {
  const own = cases.map(({ name: item, class: is, outcome }) => {
    const head = xml`<testcase classname="${[report.playbook, name, is].filter(Boolean).join('.')}" name="${item}"`;
    return outcome === undefined ? xml`    ${head}/>\n` : xml`    ${head}>${outcome}</testcase>\n`;
  });
  return xml`  <testsuite name="${name}" ${totals(cases, xml)} timestamp="${report.at.slice(0, 19)}">
${own}  </testsuite>
`;
}

function totals(cases: readonly Case[], xml: Tag): Markup {
  const amount = (wanted: Case['is']) => cases.filter(({ is }) => is === wanted).length;
  return xml`tests="${cases.length}" failures="${amount('failure')}" errors="${amount('error')}" skipped="${amount('skipped')}"`;
}

function seconds({ ms }: DriftReport): string {
  return (ms / 1000).toFixed(3);
}
