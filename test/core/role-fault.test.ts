import { expect, test } from 'vitest';
import { roleFault } from '../../src/core/role-fault.ts';

test('a fault is the message, and the first line that is not the engine’s', () => {
  const error = new RangeError('no interface carries 10.0.0.1');
  error.stack = `RangeError: no interface carries 10.0.0.1
    at renderContent (${import.meta.resolve('../../src/resources/render.ts')}:3:52)
    at node (/srv/node_modules/ejs/lib/ejs.js:706:17)
    at content (file:///srv/roles/clock/index.ts:19:43)
    at other (/srv/roles/clock/other.ts:1:1)`;
  expect(roleFault(error)).toEqual({
    what: 'no interface carries 10.0.0.1',
    why: [],
    from: '/srv/roles/clock/index.ts:19',
  });
});

test('a place inside the current folder is told from there', () => {
  const { from } = roleFault(new Error('here'));
  expect(from).toMatch(/^test\/core\/role-fault\.test\.ts:\d+$/);
});

test('a template’s error tells its line, what stands around it, and what is wrong with it', () => {
  const excerpt = '    5| one\n >> 6| <%= v.hots %>\n    7| ';
  const error = new Error(
    `/srv/roles/clock/templates/a.ejs:6\n${excerpt}\n\na.ejs uses v.hots, which is not given`,
  );
  expect(roleFault(error)).toEqual({
    what: 'a.ejs uses v.hots, which is not given',
    why: excerpt.split('\n'),
    from: '/srv/roles/clock/templates/a.ejs:6',
  });
});

test('what is no Error is told as it is', () => {
  expect(roleFault('just so')).toMatchObject({ what: 'just so', from: undefined });
});
