import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { DriftReport } from '../../src/core/drift.ts';
import { Secret } from '../../src/core/secret.ts';
import { printedDocument } from '../../src/report/document.ts';
import type { DriftCommandLines } from '../../src/report/drift-advice.ts';
import { driftDocument } from '../../src/report/drift-document.ts';
import { driftJunit } from '../../src/report/drift-junit.ts';
import { driftMarkdown } from '../../src/report/drift-markdown.ts';
import { driftText } from '../../src/report/drift-text.ts';
import { unifiedText } from '../../src/report/file-diff.ts';
import { inkFor, type Medium } from '../../src/report/ink.ts';
import { longDuration } from '../../src/report/phrases.ts';
import {
  degraded,
  drifted,
  hostile,
  long,
  RECORDED,
  RECORDINGS,
  type DriftRecording,
} from './drift-recordings.ts';
import { violations } from './json-schema.ts';

const SECRETS = [new Secret('swordfish')];
const PLAIN: Medium = { color: false, unicode: true };
const FILE = inkFor(PLAIN, SECRETS);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const line =
  (verb: string) =>
  ({ diff = false, limit = [] }: Parameters<DriftCommandLines['run']>[0]) =>
    [
      `run-playbook ${verb}phase1`,
      ...(diff ? ['--diff'] : []),
      ...(limit.length > 0 ? ['-l', limit.join(',')] : []),
    ].join(' ');

const COMMANDS: DriftCommandLines = {
  drift: line('drift '),
  fix: (wanted) => `${line('drift ')(wanted)} --fix`,
  run: line(''),
};

function text({ report, past }: DriftRecording, medium: Medium, diff = true): Promise<string> {
  return driftText(report, inkFor(medium, SECRETS), { commands: COMMANDS, diff, past });
}

function json({ report, past }: DriftRecording): string {
  const unified = (file: Parameters<typeof unifiedText>[0]) => unifiedText(file, FILE.masked);
  return printedDocument(driftDocument(report, { unified, past }), FILE.masked);
}

/** Every form in one text. */
async function everything(recording: DriftRecording): Promise<string> {
  const { report, past } = recording;
  return [
    await text(recording, PLAIN),
    json(recording),
    driftJunit(report, FILE, { diff: true, past }),
    driftMarkdown(report, FILE, { diff: true, past }),
  ].join('');
}

describe('what a drift check prints', () => {
  it.each(RECORDINGS.filter(([name]) => name !== 'long'))('%s', async (name, recording) => {
    await expect(await text(recording, PLAIN)).toMatchFileSnapshot(`golden/drift-${name}.txt`);
  });

  it.each([['drifted', drifted()] as const, ['degraded', degraded()] as const])(
    '%s, on 80 columns of ASCII without diffs',
    async (name, recording) => {
      const shown = await text(recording, { color: false, unicode: false, width: 80 }, false);

      expect(shown).toMatch(/^[\n -~]*$/);
      await expect(shown).toMatchFileSnapshot(`golden/drift-${name}-80-columns.txt`);
    },
  );

  it.each(RECORDINGS.filter(([name]) => name !== 'hostile' && name !== 'long'))(
    '%s keeps to 80 columns, commands to copy excepted',
    async (_, recording) => {
      const shown = await text(recording, { ...PLAIN, width: 80 }, false);

      expect(shown.split('\n').filter((row) => row.length > 80 && !row.startsWith('  run-playbook'))).toEqual(
        [],
      );
    },
  );

  it('says the same with colours', async () => {
    const colored = await text(drifted(), { color: true, unicode: true, width: 80 });

    expect(colored).toContain('\u001B[33mdrift\u001B[39m');
    expect(colored).toContain('\u001B[31m-# by hand\u001B[39m');
    const esc = '\u001B';
    expect(colored.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '')).toBe(
      await text(drifted(), { ...PLAIN, width: 80 }),
    );
  });

  it.each(RECORDINGS)('%s: no secret and nothing that a terminal would obey', async (_, recording) => {
    const all = await everything(recording);

    expect(all).not.toContain('swordfish');
    expect(all).not.toMatch(/auth_pass 1111/);
    expect(all).not.toMatch(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('tells every finding in every form', async () => {
    for (const [, recording] of RECORDINGS) {
      const { report, past } = recording;
      const items = report.findings.map(({ item }) => item).filter((item) => /^[\w/. -]+$/.test(item));
      const plainMarkdown = driftMarkdown(report, FILE, { diff: false, past }).replaceAll('\\', '');
      const forms = [
        await text(recording, PLAIN),
        json(recording),
        driftJunit(report, FILE, { diff: false }),
        plainMarkdown,
      ];
      for (const form of forms) {
        expect(items.filter((item) => !form.includes(item))).toEqual([]);
      }
    }
  });
});

describe('as JSON', () => {
  const schema = JSON.parse(readFileSync(`${ROOT}docs/drift.schema.json`, 'utf8')) as Record<string, unknown>;

  it.each(RECORDINGS)('%s is as docs/drift.schema.json says', (_, recording) => {
    expect(violations(JSON.parse(json(recording)), schema)).toEqual([]);
  });

  it('what the lab printed is so, too', () => {
    expect(violations(RECORDED, schema)).toEqual([]);
    expect(RECORDED.findings.filter(({ diff }) => diff !== undefined)).not.toEqual([]);
  });

  it('the schema refuses what is no such document', () => {
    const document = JSON.parse(json(drifted())) as DriftReport & Record<string, unknown>;

    expect(violations({ ...document, id: 'XYZ' }, schema)).toEqual(['/id: does not match ^[0-9a-f]{12}$']);
    expect(violations({ ...document, version: 2 }, schema)).toEqual(['/version: is not 1']);
    expect(violations({ ...document, more: 1 }, schema)).toEqual(['/more: is not in the schema']);
    const [first, ...rest] = document.findings;
    const { severity: _severity, ...without } = first ?? { severity: '' };
    expect(violations({ ...document, findings: [without, ...rest] }, schema)).toEqual([
      '/findings/0: severity is missing',
    ]);
  });

  it('has diffs only when they are wanted, and never a file as it was found', () => {
    const without = printedDocument(driftDocument(drifted().report, {}), FILE.masked);

    expect(without).not.toContain('worker_connections');
    expect(json(drifted())).toContain('-    worker_connections 64;');
    expect(json(drifted())).not.toMatch(/"(before|after)"/);
  });

  it('drifted', async () => {
    await expect(
      json(RECORDINGS.find(([name]) => name === 'remembered')?.[1] ?? drifted()),
    ).toMatchFileSnapshot('golden/drift-remembered-json.txt');
  });
});

describe('as JUnit XML', () => {
  it.each(RECORDINGS.filter(([name]) => name !== 'long'))('%s', async (name, { report, past }) => {
    const xml = driftJunit(report, FILE, { diff: true, past });

    await expect(xml).toMatchFileSnapshot(`golden/drift-${name}-junit.txt`);
  });

  it.each(RECORDINGS)('%s is well-formed, and its numbers are right', (_, { report, past }) => {
    const xml = driftJunit(report, FILE, { diff: true, past });
    const tags = tagsOf(xml);
    const amount = (name: string) => tags.filter((tag) => tag === name).length;

    const totals = /<testsuites [^>]*tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/.exec(xml);
    expect(totals?.slice(1).map(Number)).toEqual(
      ['testcase', 'failure', 'error', 'skipped'].map((name) => amount(name)),
    );
    const alarms = report.findings.filter(({ severity }) => severity === 'drift' || severity === 'degraded');
    expect(amount('failure')).toBe(alarms.length);
  });
});

/** Names of the elements of an XML document. @throws Error it is not well-formed */
function tagsOf(xml: string): readonly string[] {
  const open: string[] = [];
  const names: string[] = [];
  const rest = xml
    .replace('<?xml version="1.0" encoding="UTF-8"?>', '')
    .replaceAll(
      /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g,
      (_, close: string, name: string, __, single: string) => {
        if (close === '/') {
          expect(open.pop()).toBe(name);
        } else {
          names.push(name);
          open.push(...(single === '/' ? [] : [name]));
        }
        return '';
      },
    );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|#39);)/);
  return names;
}

describe('as Markdown', () => {
  it.each(RECORDINGS.filter(([name]) => name !== 'long'))('%s', async (name, { report, past }) => {
    const page = driftMarkdown(report, FILE, { diff: true, past });

    await expect(page).toMatchFileSnapshot(`golden/drift-${name}-markdown.txt`);
  });

  it('lets no text of a host be markup, a link or a mention', () => {
    const { report, past } = hostile();
    const page = driftMarkdown(report, FILE, { diff: false, past });

    expect(page).not.toMatch(/<(?!\/?code>)/);
    expect(page).not.toMatch(/:\/\/|@|www\./);
    expect(page).not.toMatch(/(?<!\\)[`[\]$]/);
    const rows = page.split('\n').filter((row) => row.startsWith('| drift '));
    expect(rows.map((row) => row.split('|').length)).toEqual([8, 8, 8]);
  });

  it('closes no block of code from within', () => {
    const { report } = hostile();
    const page = driftMarkdown(report, FILE, { diff: true });

    expect(page).toMatch(/^`{4}diff\n[^]*^-```\n[^]*^`{4}$/m);
  });

  it('tells the number of lines of a diff that is too long', () => {
    const page = driftMarkdown(long().report, FILE, { diff: true });

    expect(page).toContain('… 1004 more lines');
  });
});

it.each([
  [0, '0 s'],
  [59_400, '59 s'],
  [61_000, '1 min 1 s'],
  [3_600_000, '1 h'],
  [100 * 60_000, '1 h 40 min'],
  [26 * 3_600_000 + 59_000, '1 d 2 h'],
])('%i ms are %s', (ms, shown) => {
  expect(longDuration(ms)).toBe(shown);
});
