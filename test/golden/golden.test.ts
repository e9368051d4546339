import { describe, expect, test } from 'vitest';
import { goldenCases, updateCase, type GoldenCase } from './case.ts';
import { KINDS, planResource } from './resource-case.ts';
import { planRoles, SUBJECTS } from './role-case.ts';
import { planOrder } from './rollout-case.ts';

const UPDATE = process.env['GOLDEN'] === 'update';

const cases = goldenCases();

function follows({ folder, given }: GoldenCase): unknown {
  if (folder === 'rollout') {
    return planOrder(given);
  }
  return folder in KINDS ? planResource(given) : planRoles(SUBJECTS[folder] ?? { roles: [] }, given);
}

/** What JSON and YAML cannot hold is left out, on both sides. */
function asData(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

// GOLDEN=update npx vitest run test/golden && npx oxfmt test/golden   writes what now follows; read every line of the diff.
describe.each([...new Set(cases.map(({ folder }) => folder))])('%s', (folder) => {
  for (const golden of cases.filter((one) => one.folder === folder)) {
    test(`${golden.about} (${golden.path})`, () => {
      const found = asData(follows(golden));
      if (UPDATE) {
        updateCase(golden, found);
      } else {
        expect(found).toEqual(golden.expect);
      }
    });
  }
});

test('every resource kind and every role has cases', () => {
  const folders = new Set(cases.map(({ folder }) => folder));
  expect(
    [...Object.keys(KINDS), ...Object.keys(SUBJECTS), 'rollout'].filter((name) => !folders.has(name)),
  ).toEqual([]);
});

test('the cases are at least 60, and no two are about the same', () => {
  const sentences = cases.map(({ folder, about }) => `${folder}: ${about}`);
  expect(new Set(sentences).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThanOrEqual(60);
});
