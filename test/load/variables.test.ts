import { expect, test } from 'vitest';
import { placeOutside } from '../../src/load/source-text.ts';
import { LoadedVariables, mergeNodes, nodeOf, variablesOf, type VarNode } from '../../src/load/variables.ts';

function layer(origin: string, values: unknown): VarNode {
  return nodeOf(values, placeOutside(origin));
}

function read(node: VarNode): LoadedVariables {
  expect(node.is).toBe('map');
  return new LoadedVariables(node as Extract<VarNode, { is: 'map' }>);
}

test('a path finds names that contain dots, dotted or as a list', () => {
  const variables = variablesOf({ nginx: { sites: { 'example.com': { listen: [80, 443] } } } }, 'a.yml:1:1');
  expect(variables.origin('nginx.sites.example.com.listen.1')).toBe('a.yml:1:1');
  expect(variables.origin(['nginx', 'sites', 'example.com', 'listen', 1])).toBe('a.yml:1:1');
  expect(variables.origin('nginx.sites.example.org')).toBeUndefined();
});

test('the place of what is missing is that of its nearest parent', () => {
  const variables = variablesOf({ nginx: { port: 80 } }, 'a.yml:1:1');
  expect(variables.place('nginx.sites.main')?.origin).toBe('a.yml:1:1');
  expect(variables.place('haproxy')).toBeUndefined();
});

test('what a role makes of a short form comes from where that was written; its defaults do not', () => {
  const variables = variablesOf({ haproxy: { bind: ['*:8000', { port: 80 }] } }, 'a.yml:1:1');
  expect(variables.origin('haproxy.bind.0.port')).toBe('a.yml:1:1');
  expect(variables.origin('haproxy.bind.1.address')).toBeUndefined();
});

test('merging is associative, also where a map replaces a scalar', () => {
  const layers = [layer('1', { a: { x: 1 } }), layer('2', { a: 2 }), layer('3', { a: { y: 3 } })] as const;
  const left = mergeNodes(mergeNodes(layers[0], layers[1]), layers[2]);
  const right = mergeNodes(layers[0], mergeNodes(layers[1], layers[2]));
  for (const merged of [read(left), read(right)]) {
    expect(merged.values).toEqual({ a: { y: 3 } });
    expect(merged.shadows('a')).toEqual([
      { value: 2, origin: '2' },
      { value: { x: 1 }, origin: '1' },
    ]);
  }
});

test('null replaces, as in Ansible', () => {
  expect(read(mergeNodes(layer('1', { a: { x: 1 } }), layer('2', { a: null }))).values).toEqual({ a: null });
});
