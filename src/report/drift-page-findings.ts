import type { DriftReport, Finding, Severity } from '../core/drift.ts';
import type { Trouble } from '../core/error.ts';
import {
  clueText,
  alikeGroups,
  HOST_STATUS,
  otherTroubles,
  placeOf,
  ruleText,
  severityCounts,
  sinceText,
  spanOf,
  type DriftGroup,
  type DriftOptions,
} from './drift-groups.ts';
import { unifiedDiff, type UnifiedLine } from './file-diff.ts';
import type { Ink } from './ink.ts';
import type { Markup, Tag } from './markup.ts';
import { count, thousands } from './phrases.ts';

/** Lines of a diff up to which it is shown without being asked for, and beyond which only their number is told. */
const OPEN_UP_TO = 30;
const DIFF_LINES = 1000;

/** What the parts of the page are made with. */
export interface PageWriting {
  readonly report: DriftReport;
  readonly past: DriftOptions['past'];
  readonly ink: Ink;
  readonly html: Tag;
  /** The same for lines of files, whose tabs are kept. */
  readonly pre: Tag;
}

/** Marks that say the same as their colours. */
export const SEVERITY_MARKS: Readonly<Record<Severity, string>> = {
  degraded: '✗',
  drift: '~',
  pending: '→',
  notice: 'i',
};

/** What was found, by host, the heaviest first; hosts without a finding in one line each. */
export function findingsSection({ report, ...rest }: PageWriting): Markup {
  const { html } = rest;
  const writing = { report, ...rest };
  const groups = alikeGroups(report);
  const told = groups.filter(([{ findings, host }]) => findings.length > 0 || host?.trouble !== undefined);
  const quiet = groups.filter((group) => !told.includes(group)).flat();
  return html`<section aria-labelledby="found">
    <h2 id="found">What was found</h2>
    ${told.map((group) => groupSection(group, writing))}
    ${
      quiet.length === 0
        ? undefined
        : html`<ul class="quiet">
            ${quiet.map(
              ({ name, host }) =>
                html`<li class="${host?.status ?? ''}">
                  <span class="badge"
                    >${host?.status === 'suppressed' ? '·' : '✓'}
                    ${HOST_STATUS[host?.status ?? 'in-sync']}</span
                  >
                  <strong><bdi>${name}</bdi></strong
                  >${host?.suppressed === undefined ? undefined : html` <span>${host.suppressed}</span>`}
                </li>`,
            )}
          </ul>`
    }
    ${otherTroubles(report).map((trouble) => troubleBox(trouble, html))}
  </section>`;
}

function groupSection(groups: readonly [DriftGroup, ...DriftGroup[]], writing: PageWriting): Markup {
  const { html } = writing;
  const [{ name, host, findings }] = groups;
  const counted = severityCounts(findings);
  const status = host === undefined ? 'the cluster as a whole' : HOST_STATUS[host.status];
  const isShared = groups.length > 1;
  return html`<section class="host ${host?.status ?? 'cluster'}">
    <h3>
      <bdi>${isShared ? count(groups.length, 'host') : name}</bdi>
      <span class="badge">${status}</span>
      <small>${counted}${isShared && counted !== '' ? ' each' : ''}</small>
    </h3>
    ${isShared ? html`<p>${groups.map((group) => html`<bdi>${group.name}</bdi> `)}</p>` : undefined}
    ${host?.trouble === undefined ? undefined : troubleBox(host.trouble, html)}
    ${findings.map((finding) => findingArticle(finding, writing))}
  </section>`;
}

function findingArticle(finding: Finding, writing: PageWriting): Markup {
  const { html, past } = writing;
  const { id, severity, item, found, expected, hint, resource, evidence = [] } = finding;
  const span = spanOf(finding, past);
  const row = (label: string, text: string | undefined) =>
    text === undefined
      ? undefined
      : html`<div>
          <dt>${label}</dt>
          <dd>${text}</dd>
        </div>`;
  return html`<article class="finding ${severity}" id="finding-${id}">
    <h4><span class="badge">${SEVERITY_MARKS[severity]} ${severity}</span> <code>${item}</code></h4>
    <dl class="sides">
      <div class="is">
        <dt>found</dt>
        <dd>${found}</dd>
      </div>
      <div class="ought">
        <dt>expected</dt>
        <dd>${expected}</dd>
      </div>
    </dl>
    <dl class="facts">
      ${row('class', finding.class)}${row('role', finding.role)}${row('repaired by', resource)}
    </dl>
    <dl class="rows">
      ${row('since', span && sinceText(span))}${evidence.map((clue) => row('evidence', clueText(clue)))}${row('do', hint)}
    </dl>
    ${finding.diff === undefined ? undefined : diffDetails(finding.diff, writing)}
  </article>`;
}

function diffDetails(diff: NonNullable<Finding['diff']>, { ink, html, pre }: PageWriting): Markup {
  const lines = unifiedDiff(diff, ink.masked);
  const more = lines.length - DIFF_LINES;
  const shown = lines.slice(0, DIFF_LINES).map((line) => diffLine(line, pre));
  const amount = (wanted: UnifiedLine['is']) => thousands(lines.filter(({ is }) => is === wanted).length);
  const rest = more > 0 ? html`<span class="remark">… ${thousands(more)} more lines</span>` : undefined;
  return html`<details${lines.length <= OPEN_UP_TO ? html` open` : undefined}><summary>What differs: <span class="removed">−${amount('removed')} found</span>, <span class="added">+${amount('added')} expected</span></summary>
<pre class="diff" tabindex="0">${shown}${rest}</pre></details>`;
}

/** Each on a line of its own without line breaks between, which a copy of the text would double. */
function diffLine({ is, text }: UnifiedLine, pre: Tag): Markup {
  return pre`<span class="${is}">${text === '' ? ' ' : text}\n</span>`;
}

function troubleBox({ host, what, why = [], hint, from }: Trouble, html: Tag): Markup {
  const rows = [
    ...(host === undefined ? [] : [['host', host] as const]),
    ...why.map((line) => ['why', line] as const),
    ...(from === undefined ? [] : [['from', from] as const]),
    ...(hint === undefined ? [] : [['do', hint] as const]),
  ];
  return html`<article class="finding degraded">
    <h4>${what}</h4>
    <dl class="rows">
      ${rows.map(
        ([label, text]) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${text}</dd>
          </div>`,
      )}
    </dl>
  </article>`;
}

/** What rules of the inventory keep from being reported, and which of them are over; nothing without any. */
export function ignoredSection({ report, html }: PageWriting): Markup | undefined {
  const { ignored, expired } = report;
  if (ignored.length === 0 && expired.length === 0) {
    return undefined;
  }
  return html`<section aria-labelledby="ignored">
    <h2 id="ignored">Ignored by the inventory</h2>
    <ul class="rules">
      ${expired.map(
        (rule) =>
          html`<li class="drift">
            <span class="badge">! over since ${rule.until}</span> <code>${ruleText(rule)}</code>
            <span>${rule.reason}. Renew the rule in the inventory, or remove it: drift.ignore</span>
          </li>`,
      )}
      ${ignored.map(
        ({ finding, rule: { reason, until } }) =>
          html`<li class="notice">
            <span class="badge">· ignored${until === undefined ? undefined : ` until ${until}`}</span>
            <code>${placeOf(finding)}</code>
            <span>${finding.found}, expected: ${finding.expected}. ${reason}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}
