import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { template } from '../../src/resources/template.ts';

let root: string;
let count = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'run-playbook-'));
  mkdirSync(join(root, 'templates'));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

/** What a template of this text renders from `values`. */
function render(text: string, values: object): string {
  const name = `${(count += 1)}.ejs`;
  writeFileSync(join(root, 'templates', name), text);
  return template(pathToFileURL(join(root, 'index.ts')).href, name)(values);
}

test('strings and numbers are rendered as they are, without HTML escapes', () => {
  expect(
    render('<%= v.a %> <%= v.b %> <%= v.list[0].c %>\n', { a: '<"&\'>', b: 0.2, list: [{ c: '' }] }),
  ).toBe('<"&\'> 0.2 \n');
});

test.each([
  ['undefined', undefined],
  ['null', null],
  ['an object', {}],
  ['a list', ['a']],
  ['a boolean', true],
  ['a function', () => 'x'],
  ['a secret', new Secret('hunter2')],
])('%s as a value is an error that names file and line, not nonsense in a file', (_, value) => {
  expect(() => render('first line\n<%= v.value %>\n', { value })).toThrow(
    /templates\/\d+\.ejs:2[^]*must be a string or a number, not/,
  );
});

test('a name that was not given is an error, at every depth', () => {
  expect(() => render('<%= v.adress %>', { address: 'x' })).toThrow(/uses v\.adress, which is not given/);
  expect(() => render('<%= v.vip.adress %>', { vip: { address: 'x' } })).toThrow('not undefined');
  expect(() => render('<% if (v.preempt) { %>x<% } %>', {})).toThrow(/uses v\.preempt/);
});

test('names stand under v only: nothing global is rendered by mistake', () => {
  expect(() => render('<%= address %>', { address: 'x' })).toThrow('address is not defined');
});

test('a template is read and compiled on first use, and once', () => {
  const page = template<{ readonly host: string }>(
    new URL('../../roles/nginx/index.ts', import.meta.url).href,
    'index.html.ejs',
  );
  expect(page({ host: 'svr1' })).toContain('<h1>svr1</h1>');
  expect(() => template(pathToFileURL(join(root, 'index.ts')).href, 'none.ejs')).not.toThrow();
});
