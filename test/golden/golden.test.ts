import { describe, expect, test } from 'vitest';
import { goldenCases, updateCase, type GoldenCase } from './case.ts';
import { allRules, lintBoth } from './lint-case.ts';
import { KINDS, planResource } from './resource-case.ts';
import { planRoles, SUBJECTS } from './role-case.ts';
import { planOrder } from './rollout-case.ts';

const UPDATE = process.env['GOLDEN'] === 'update';

const cases = goldenCases();

function follows({ folder, given }: GoldenCase): unknown {
  if (folder === 'rollout') {
    return planOrder(given);
  }
  if (folder === 'lint') {
    return lintBoth(given);
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

describe('every rule of every role', () => {
  const lintCases = cases.filter(({ folder }) => folder === 'lint');

  test('has a case, and there is none of another', () => {
    const codes = allRules().map(({ code }) => code);
    expect(lintCases.map(({ given }) => given['rule']).toSorted()).toEqual(codes.toSorted());
  });

  test.each(lintCases)('$given.rule is broken in the one situation only', ({ given, expect: expected }) => {
    const { kept, broken } = expected as Readonly<Record<'kept' | 'broken', readonly unknown[]>>;
    const found = (lines: readonly unknown[]) =>
      lines.filter((line) => JSON.stringify(line).includes(`"${String(given['rule'])} `));
    expect([found(kept).length, found(broken).length > 0]).toEqual([0, true]);
  });
});
