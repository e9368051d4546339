import { createHash } from 'node:crypto';
import type { DriftReport } from '../core/drift.ts';
import { EXIT } from '../core/error.ts';
import { driftSummary, titleOf, type DriftOptions } from './drift-groups.ts';
import { findingsSection, ignoredSection, type PageWriting } from './drift-page-findings.ts';
import { historySection } from './drift-page-history.ts';
import { PAGE_STYLE } from './drift-page-style.ts';
import { topology } from './drift-topology.ts';
import type { Ink } from './ink.ts';
import { Markup, markupFor } from './markup.ts';
import { momentText } from './moments.ts';
import { count, duration } from './phrases.ts';

/** Nothing is loaded from anywhere, no script runs, and no style but the page's own counts. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Not in the template: the policy is for these very bytes. */
const STYLE = new Markup(`<style>${PAGE_STYLE}</style>`);

const WIDE = { name: 'wide', width: 992, columns: 3 };
const NARROW = { name: 'narrow', width: 343, columns: 1 };

/**
 * A check as one HTML page that needs nothing else: how the cluster stands, what was found, since when.
 *
 * It has every diff, whether diffs were asked for or not.
 */
export function driftPage(report: DriftReport, ink: Ink, { past }: Pick<DriftOptions, 'past'>): string {
  const html = markupFor(ink);
  const writing: PageWriting = { report, past, ink, html, pre: markupFor({ line: ink.block }) };
  const { verdict } = driftSummary(report);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <meta name="generator" content="run-playbook" />
        <title>${titleOf(report)}: ${verdict}, ${momentText(report.at)} UTC</title>
        ${STYLE}
      </head>
      <body>
        ${head(writing)}
        <main>
          ${standing(writing)} ${findingsSection(writing)} ${ignoredSection(writing)}
          ${historySection(writing)}
        </main>
        <footer>
          This page shows one moment and does not renew itself. Check ${report.id} by run-playbook; nothing
          was changed.
        </footer>
      </body>
    </html> `.text;
}

function head({ report, html }: PageWriting): Markup {
  const { verdict, more } = driftSummary(report);
  const [kind, mark] = looks(report);
  const fact = (label: string, text: string) =>
    html`<div>
      <dt>${label}</dt>
      <dd>${text}</dd>
    </div>`;
  return html`<header>
    <h1 class="${kind}"><bdi>${titleOf(report)}</bdi> <span class="badge">${mark} ${verdict}</span></h1>
    <p>${verdict.replace(/^./, (first) => first.toUpperCase())}${more}.</p>
    <dl class="facts">
      <div>
        <dt>checked</dt>
        <dd><time datetime="${report.at}">${momentText(report.at)} UTC</time></dd>
      </div>
      ${fact('took', duration(report.ms))}${fact('hosts', count(report.hosts.length, 'host').replace(/ .*/, ''))}
    </dl>
  </header>`;
}

function looks({ exit }: DriftReport): readonly [kind: string, mark: string] {
  switch (exit) {
    case EXIT.converged:
      return ['in-sync', '✓'];
    case EXIT.changesPending:
      return ['drifted', '~'];
    default:
      return ['degraded', '✗'];
  }
}

function standing(writing: PageWriting): Markup | undefined {
  const { report, html } = writing;
  if (report.hosts.length === 0) {
    return undefined;
  }
  const hasVips = report.cluster.vips.length > 0;
  return html`<section aria-labelledby="standing">
    <h2 id="standing">How it stands</h2>
    <figure>
      ${[WIDE, NARROW].map((frame) => topology(writing, frame))}
      ${hasVips ? html`<figcaption>A solid line leads to the host that holds the virtual IP, a dashed one to a host that may take it over.</figcaption>` : undefined}
    </figure>
  </section>`;
}
