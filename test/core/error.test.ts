import { expect, test } from 'vitest';
import {
  EXIT,
  formatTrouble,
  HostFailed,
  InvalidInput,
  Locked,
  PlanStale,
  RunError,
  Unreachable,
} from '../../src/core/error.ts';

test('an error says where and what, then why, from, do', () => {
  expect(
    formatTrouble({
      host: 'svr2',
      resource: 'files nginx',
      what: 'the staged configuration is not valid, nothing was installed',
      why: ['nginx: [emerg] unknown directive "lisen" in sites-enabled/default:3', 'test failed'],
      command: 'apply files nginx',
      ended: 'exit 65',
      from: 'roles/nginx/index.ts:14',
      hint: 'fix the template, then: run-playbook phase1 --check --diff --limit svr2',
    }),
  ).toMatchInlineSnapshot(`
    "svr2  files nginx: the staged configuration is not valid, nothing was installed
      ran   apply files nginx  (exit 65)
      why   nginx: [emerg] unknown directive "lisen" in sites-enabled/default:3
            test failed
      from  roles/nginx/index.ts:14
      do    fix the template, then: run-playbook phase1 --check --diff --limit svr2"
  `);
});

test('what is not known is left out, and lines of one text stay below each other', () => {
  expect(formatTrouble({ what: 'no such host' })).toBe('no such host');
  expect(formatTrouble({ what: 'cut off', ended: 'connection lost', why: ['one\ntwo'] })).toBe(
    'cut off\n  ended connection lost\n  why   one\n        two',
  );
});

test('every decision a caller takes has a class and an exit code of its own', () => {
  const trouble = { host: 'svr1', what: 'it broke' };
  const errors = [Unreachable, HostFailed, Locked, PlanStale].map((Class) => new Class(trouble));
  const found = [...errors, new InvalidInput([trouble])].map(({ name, exit, message }) => [
    name,
    exit,
    message,
  ]);
  expect(found).toEqual([
    ['Unreachable', EXIT.unreachable, 'svr1  it broke'],
    ['HostFailed', EXIT.failed, 'svr1  it broke'],
    ['Locked', EXIT.locked, 'svr1  it broke'],
    ['PlanStale', EXIT.planStale, 'svr1  it broke'],
    ['InvalidInput', EXIT.invalidInput, 'svr1  it broke'],
  ]);
  expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length);
});

test('invalid input carries everything that was found, and says so even without', () => {
  const error = new InvalidInput([{ what: 'one' }, { what: 'two' }]);
  expect(error.troubles.map(({ what }) => what)).toEqual(['one', 'two']);
  expect(new InvalidInput([]).message).toBe('invalid input');
  expect(error).toBeInstanceOf(RunError);
});
