import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { driftPage } from '../../src/report/drift-page.ts';
import { inkFor } from '../../src/report/ink.ts';
import { Browser, CHROMIUM } from './chromium.ts';
import {
  drifted,
  fleet,
  hostile,
  long,
  RECORDINGS,
  remembered,
  type DriftRecording,
} from './drift-recordings.ts';

const INK = inkFor({ color: false, unicode: true }, [new Secret('swordfish')]);

function page({ report, past }: DriftRecording): string {
  return driftPage(report, INK, { past });
}

describe('the page', () => {
  it.each(RECORDINGS)('%s: no secret, no control character, nothing of a host is markup', (_, recording) => {
    const html = page(recording);

    expect(html).not.toContain('swordfish');
    expect(html).not.toMatch(/auth_pass 1111/);
    expect(html).not.toMatch(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(html).not.toMatch(/<(script|img|a|b|iframe|link|object|form)\b/);
    expect(html).not.toMatch(/<[^>]* (on\w+|style|src|href)=/);
  });

  it('allows its own style and nothing else', () => {
    const html = page(drifted());
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(html) ?? [];
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/
      .exec(html)?.[1]
      ?.replaceAll('&#39;', "'");

    const digest = createHash('sha256').update(style).digest('base64');
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it('cuts no secret in two to make it fit', () => {
    const { report, past } = drifted();
    const [first, ...others] = report.cluster.hosts;
    const lock = `${'x'.repeat(20)}swordfish by somebody`;
    const hosts = first === undefined ? [] : [{ ...first, lock }, ...others];

    expect(
      page({ report: { ...report, cluster: { ...report.cluster, hosts } }, ...(past && { past }) }),
    ).not.toMatch(/sword/);
  });

  it('tells hosts that say the same once, and each of them by its name', () => {
    const html = page(fleet());

    expect(html.match(/<article /g)).toHaveLength(2);
    for (const { host } of fleet().report.hosts) {
      expect(html).toContain(`<bdi>${host}</bdi>`);
    }
  });

  it.each(RECORDINGS)('%s: tells every finding and every trouble', (_, recording) => {
    const { findings, troubles } = recording.report;
    const html = page(recording);

    expect(findings.filter(({ id }) => !html.includes(`id="finding-${id}"`)).length).toBe(
      recording.report.hosts.length > 8 ? findings.length - 2 : 0,
    );
    expect(troubles.filter(({ what }) => !html.includes(what))).toEqual([]);
  });

  it('does not grow with the length of a diff', () => {
    expect(page(long()).length).toBeLessThan(1_000_000);
  });
});

/** What is looked at in the page itself. */
interface Seen {
  readonly scrollWidth: number;
  readonly tags: readonly string[];
  readonly headings: readonly number[];
  readonly findings: number;
  readonly drawings: readonly string[];
  readonly undescribed: number;
  readonly faint: readonly string[];
  readonly outside: readonly string[];
  readonly foldedDiffs: number;
  readonly background: string;
}

/** Run in the page: an expression of the type above. */
const LOOK = readFileSync(fileURLToPath(new URL('look-at-page.js', import.meta.url)), 'utf8');

const OWN_TAGS =
  /^(header|main|footer|section|article|figure|figcaption|h[1-4]|p|dl|div|dt|dd|ul|ol|li|span|bdi|strong|small|code|pre|time|details|summary|svg|title|desc|path|rect|text)$/;

/** With every kind of thing between them. */
const SHOWN_IN_EVERY_VIEW = ['remembered', 'degraded'];

// CI's machine has no Chromium, and installing it would take longer than everything else here.
describe.skipIf(CHROMIUM === undefined)('the page in Chromium (apt-get install chromium)', () => {
  let browser: Browser;
  let folder: string;
  const urls = new Map<string, string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drift-page-'));
    for (const [name, recording] of RECORDINGS) {
      const file = join(folder, `${name}.html`);
      await writeFile(file, page(recording));
      urls.set(name, pathToFileURL(file).href);
    }
    browser = await Browser.open(CHROMIUM ?? '');
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  async function seen(
    name: string,
    how: { width: number; dark?: boolean; media?: 'screen' | 'print' },
  ): Promise<Seen> {
    const url = urls.get(name) ?? '';
    await browser.show(url, how);
    const found = await browser.evaluate<Seen>(LOOK);
    const requests = browser.heard('Network.requestWillBeSent');
    expect(requests.map(({ request }) => (request as { readonly url: string }).url)).toEqual([url]);
    expect(
      browser.heard('Log.entryAdded', 'Runtime.exceptionThrown', 'Page.javascriptDialogOpening'),
    ).toEqual([]);
    return found;
  }

  const views = [
    { width: 1280, dark: false, of: RECORDINGS },
    { width: 375, dark: true, of: RECORDINGS },
    { width: 1280, dark: true, of: RECORDINGS.filter(([name]) => SHOWN_IN_EVERY_VIEW.includes(name)) },
    { width: 375, dark: false, of: RECORDINGS.filter(([name]) => SHOWN_IN_EVERY_VIEW.includes(name)) },
  ];

  describe.each(views)('$width pixels wide, dark: $dark', ({ of, ...view }) => {
    it.each(of)(
      '%s',
      async (name, { report }) => {
        const found = await seen(name, view);

        expect(found.scrollWidth).toBeLessThanOrEqual(view.width);
        expect(found.tags.filter((tag) => !OWN_TAGS.test(tag))).toEqual([]);
        expect(found.faint).toEqual([]);
        expect(found.outside).toEqual([]);
        expect(found.undescribed).toBe(0);
        const isDrawn = report.hosts.length > 0;
        expect(found.drawings).toEqual(isDrawn ? [`topology ${view.width > 700 ? 'wide' : 'narrow'}`] : []);
        expect(isLight(found.background)).toBe(!view.dark);
      },
      30_000,
    );
  });

  it('shows every finding, under headings of which none is left out', async () => {
    const { findings, headings } = await seen('remembered', { width: 375 });

    expect(findings).toBe(remembered().report.findings.length);
    expect(headings.filter((level) => level === 1)).toHaveLength(1);
    expect(headings.filter((level, index) => level > (headings[index - 1] ?? 0) + 1)).toEqual([]);
  });

  it('prints what is folded on the screen, in dark letters on white', async () => {
    expect((await seen('long', { width: 1280 })).foldedDiffs).toBe(1);
    const printed = await seen('long', { width: 700, dark: true, media: 'print' });

    expect(printed.foldedDiffs).toBe(0);
    expect(printed.background).toBe('rgb(255, 255, 255)');
    expect(printed.faint).toEqual([]);
  });

  it('shows what a host wrote as text', async () => {
    await seen('hostile', { width: 1280 });
    const text = await browser.evaluate<string>('document.body.innerText');

    expect(text).toContain('<script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(1)>');
    expect(text).toContain(hostile().report.hosts[1]?.host);
  });
});

function isLight(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return red + green + blue > 3 * 128;
}
