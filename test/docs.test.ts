import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import phase1 from '../playbooks/phase1.ts';
import phase2 from '../playbooks/phase2.ts';
import { PAGES as MADE } from '../scripts/docs.ts';
import { EXIT } from '../src/core/error.ts';
import type { Data } from './golden/case.ts';
import { planRoles } from './golden/role-case.ts';
import { readPage } from './lab/support/page.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PAGES = [
  'README.md',
  'README.ko.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path)),
].filter((path) => path.endsWith('.md'));

test.each(PAGES)('every file that %s links to exists', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```$/gms, '');
  const targets = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
  const files = targets.filter((target) => !/^https?:/.test(target));
  expect(files.filter((file) => !existsSync(join(ROOT, dirname(page), file)))).toEqual([]);
});

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```$/gms, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(PAGES)('every heading that %s links to exists', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```$/gms, '');
  const links = [...text.matchAll(/\]\(([^)#:]*\.md)?#([^)]+)\)/g)];
  const missing = links.filter(
    ([, file, anchor = '']) =>
      !anchorsOf(file === undefined ? page : join(dirname(page), file)).includes(anchor),
  );
  expect(missing.map(([link]) => link)).toEqual([]);
});

test('docs/operations.md says of every exit code what to do', () => {
  const text = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const codes = [...text.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  expect([...new Set(codes)]).toEqual(Object.values(EXIT));
});

test('decisions have a number each', () => {
  const names = readdirSync(join(ROOT, 'docs/adr')).toSorted();
  const numbers = names.map((name) => {
    const [, number = ''] = /^(\d{4})-/.exec(name) ?? [];
    const [title = ''] = readFileSync(join(ROOT, 'docs/adr', name), 'utf8').split('\n');
    expect(title).toMatch(new RegExp(`^# ${Number(number)}\\. `));
    return Number(number);
  });
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

test('the values of a configuration typed by hand can be set as docs/high-availability.md says', () => {
  const { files } = readPage(join(ROOT, 'docs/high-availability.md'));
  const { keepalived, check_script } = parse(files['inventory/group_vars/web.yml'] ?? '') as {
    readonly keepalived: Data;
    readonly check_script: Data;
  };
  const vars = {
    check_script,
    keepalived: { ...keepalived, vips: [{ address: '172.25.254.130' }], auth: '1111', track: ['nginx'] },
  };
  const planned = planRoles(phase1, { vars, show: ['/etc/keepalived/keepalived.conf'] });
  const [conf = ''] = Object.values((planned as { readonly files: Readonly<Record<string, string>> }).files);
  const said = ['vrrp_version 2', 'advert_int 1', 'auth_pass 1111', 'interval 2', 'fall 1', 'rise 1'];
  expect(said.filter((line) => !conf.split('\n').some((one) => one.trim() === line))).toEqual([]);
});

/** The formatter pads the cells. */
const plain = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---').trim();

test.each(Object.entries(MADE))('%s is as `npm run docs` makes it', (path, page) => {
  expect(plain(readFileSync(join(ROOT, path), 'utf8'))).toBe(plain(page()));
});

test.each([phase1, phase2])('the README names every path that $name writes on a bare host', (playbook) => {
  const vars = { keepalived: { vips: [{ address: '172.25.254.130' }] } };
  const planned = JSON.stringify(planRoles(playbook, { vars, show: ['plan'] }));
  const paths = [...planned.matchAll(/(\/[^"\s:]+)  /g)].map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(8);
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  expect(paths.filter((path) => !readme.includes(`\`${path}\``))).toEqual([]);
});

/** What a page says in no language: code and links in order of the alphabet, headings by their level. */
function untranslated(page: string) {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n.*?^```$/gms)].map(([block, language]) =>
    language === '' ? block : block.replaceAll(/(^|\s)#.*$/gm, '$1#'),
  );
  const prose = text.replaceAll(/^```.*?^```$/gms, '');
  const links = [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
  return {
    blocks,
    links: links.filter((target) => !/^README(\.ko)?\.md$/.test(target)).toSorted(),
    code: [...prose.matchAll(/`[^`\n]+`/g)].map(([code]) => code).toSorted(),
    headings: [...prose.matchAll(/^#+(?= )/gm)].map(([level]) => level),
  };
}

test.each(['blocks', 'links', 'code', 'headings'] as const)(
  'README.ko.md has the %s of README.md',
  (what) => {
    const english = untranslated('README.md')[what];
    const korean = untranslated('README.ko.md')[what];
    expect(english.length).toBeGreaterThan(4);
    expect(korean).toEqual(english);
  },
);
