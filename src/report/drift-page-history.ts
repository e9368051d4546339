import type { DriftReport, Finding, FindingSpan } from '../core/drift.ts';
import { EXIT } from '../core/error.ts';
import { placeOf, severityCounts, verdictOf } from './drift-groups.ts';
import type { PageWriting } from './drift-page-findings.ts';
import type { Markup, Tag } from './markup.ts';
import { momentText } from './moments.ts';
import { count, longDuration } from './phrases.ts';

/** Checks in the strip, and findings below it. */
const CHECKS = 48;
const SPANS = 50;

/** How the last checks ended, and when each finding was there; nothing where no history is kept. */
export function historySection({ report, past, html }: PageWriting): Markup | undefined {
  if (past === undefined) {
    return undefined;
  }
  const checks = past.checks.slice(-CHECKS);
  const spans = [...past.spans].toSorted(openFirst);
  const rest = spans.length - SPANS;
  const about = findingsById([...past.checks, report]);
  return html`<section aria-labelledby="history">
    <h2 id="history">History</h2>
    ${
      checks.length === 0
        ? undefined
        : html`<p id="strip">
              The last ${count(checks.length, 'check')}, the latest last. ✓ in sync, ~ drifted, ✗ degraded, ?
              not every host was reached.
            </p>
            <ol class="strip" aria-labelledby="strip">
              ${checks.map((check) => checkItem(check, html))}
            </ol>`
    }
    ${
      spans.length === 0
        ? html`<p>No finding is on record.</p>`
        : html`<ol class="spans">
            ${spans.slice(0, SPANS).map((span) => spanItem(span, about.get(span.id), { report, spans, html }))}
          </ol>`
    }
    ${rest > 0 ? html`<p>and ${count(rest, 'more finding')} of earlier</p>` : undefined}
  </section>`;
}

/** What is still there, the longest first; then what is gone, the latest first. */
function openFirst(one: FindingSpan, other: FindingSpan): number {
  return (
    Number(other.isOpen) - Number(one.isOpen) ||
    (one.isOpen ? one.firstSeen.localeCompare(other.firstSeen) : other.lastSeen.localeCompare(one.lastSeen))
  );
}

function findingsById(reports: readonly DriftReport[]): ReadonlyMap<string, Finding> {
  const all = reports.flatMap(({ findings, ignored }) => [
    ...findings,
    ...ignored.map(({ finding }) => finding),
  ]);
  return new Map(all.map((finding) => [finding.id, finding]));
}

const CHECK_LOOKS: ReadonlyMap<number, readonly [kind: string, mark: string]> = new Map([
  [EXIT.converged, ['in-sync', '✓']],
  [EXIT.changesPending, ['drifted', '~']],
  [EXIT.degraded, ['degraded', '✗']],
]);

function checkItem(check: DriftReport, html: Tag): Markup {
  const [kind, mark] = CHECK_LOOKS.get(check.exit) ?? ['unreachable', '?'];
  const found = severityCounts(check.findings);
  const said = `${momentText(check.at)} UTC: ${verdictOf(check)}${found === '' ? '' : `, ${found}`}`;
  return html`<li class="${kind}" title="${said}">
    <span aria-hidden="true">${mark}</span><span class="unseen">${said}</span>
  </li>`;
}

interface Writing {
  readonly report: DriftReport;
  readonly spans: readonly FindingSpan[];
  readonly html: Tag;
}

function spanItem(span: FindingSpan, finding: Finding | undefined, { report, spans, html }: Writing): Markup {
  const { id, firstSeen, lastSeen, openForMs, isOpen } = span;
  const what = finding === undefined ? `finding ${id}` : placeOf(finding);
  const lasted = openForMs === 0 ? 'seen by one check' : longDuration(openForMs);
  const status = isOpen ? '● still there' : '○ gone';
  return html`<li class="${isOpen ? (finding?.severity ?? 'drift') : 'gone'}">
    <div><span class="badge">${status}</span> <code>${what}</code></div>
    <div class="when">
      <span>first <time datetime="${firstSeen}">${momentText(firstSeen)}</time></span>
      <span>last <time datetime="${lastSeen}">${momentText(lastSeen)}</time></span> <strong>${lasted}</strong>
    </div>
    ${bar(span, { report, spans, html })}
  </li>`;
}

/** Where a finding's time lies between the first one's beginning and this check. */
function bar({ firstSeen, lastSeen }: FindingSpan, { report, spans, html }: Writing): Markup {
  const begin = Math.min(...spans.map((span) => Date.parse(span.firstSeen)));
  const whole = Math.max(1, Date.parse(report.at) - begin);
  const placed = (at: string) => Math.min(1000, Math.max(0, ((Date.parse(at) - begin) / whole) * 1000));
  const width = Math.max(6, placed(lastSeen) - placed(firstSeen));
  const x = Math.min(placed(firstSeen), 1000 - width);
  return html`<svg class="bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="track" width="1000" height="8" />
    <rect class="time" x="${x.toFixed(0)}" width="${width.toFixed(0)}" height="8" />
  </svg>`;
}
