import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import phase1 from '../playbooks/phase1.ts';
import phase2 from '../playbooks/phase2.ts';
import { PAGES as MADE } from '../scripts/docs.ts';
import type { Data } from './golden/case.ts';
import { planRoles } from './golden/role-case.ts';
import { readPage } from './lab/support/page.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PAGES = [
  'README.md',
  'README.ko.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path)),
].filter((path) => path.endsWith('.md'));

test.each(PAGES)('every file that %s links to exists', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```$/gms, '');
  const targets = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
  const files = targets.filter((target) => !/^https?:/.test(target));
  expect(files.filter((file) => !existsSync(join(ROOT, dirname(page), file)))).toEqual([]);
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

/** Whatever the formatter makes of it. */
const meaning = (path: string, text: string): unknown =>
  path.endsWith('.json') ? JSON.parse(text) : plain(text);

/** The formatter pads the cells. */
const plain = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---').trim();

test.each(Object.entries(MADE))('%s is as `npm run docs` makes it', (path, page) => {
  expect(meaning(path, readFileSync(join(ROOT, path), 'utf8'))).toEqual(meaning(path, page()));
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
