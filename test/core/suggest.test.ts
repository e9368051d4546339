import { expect, test } from 'vitest';
import { suggest } from '../../src/core/suggest.ts';

test.for([
  ['ansible_hsot', ['ansible_port', 'ansible_host'], 'ansible_host'],
  ['prot', ['sites', 'port'], 'port'],
  ['Port', ['port'], 'port'],
  ['svr', ['svr1', 'svr2'], 'svr1'],
  ['hosts', ['host'], 'host'],
  ['x', ['port'], undefined],
  ['frobnicate', ['port', 'sites'], undefined],
  ['port', [], undefined],
] as const)('%s of %s is %s', ([word, candidates, expected]) => {
  expect(suggest(word, candidates)).toBe(expected);
});
