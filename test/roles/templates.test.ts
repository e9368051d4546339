import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Role, RoleContext } from '../../src/core/role.ts';
import { planHost } from '../../src/core/plan.ts';
import { isScript } from '../../src/core/script.ts';
import { factsFrom, hostFacts } from '../../src/queries/facts.ts';
import { seenFrom } from '../golden/observed.ts';
import { writtenFiles } from '../golden/show.ts';
import { hostWith, ROLES } from './every-variable.ts';

function filesOf(role: Role, vars: object): readonly string[] {
  const host = hostWith(role, vars);
  const context: RoleContext<unknown> = {
    host,
    vars: host.vars.get(role.name),
    cluster: { hosts: [host] },
    peers: [],
  };
  const refused = (role.rules ?? []).filter(({ level }) => level === 'refuse').map(({ code }) => code);
  expect((role.objections?.(context) ?? []).filter(({ rule }) => refused.includes(rule))).toEqual([]);
  const resources = role.resources(context);
  const seen = seenFrom([hostFacts, ...resources.flatMap(({ reads }) => Object.values(reads))], new Map());
  return planHost('svr1', resources, seen, factsFrom(seen)).steps.flatMap((step) =>
    step.is === 'change' && isScript(step.change.apply)
      ? writtenFiles(step.change.apply.text).map(({ content }) => content)
      : [],
  );
}

/** What a survey runs on the host, without the quotes around it. */
function surveyTexts(role: Role, vars: object): readonly string[] {
  const host = hostWith(role, vars);
  const reads = role.survey?.({ hosts: [host] }).reads(host) ?? {};
  return Object.values(reads).map(({ key }) => key.replaceAll(`'\\''`, `'`));
}

/** The longest run of a template's text that is the same whatever the values. */
function fixedText(template: string): string {
  return template.split(/<%[^]*?%>\n?/).toSorted((a, b) => b.length - a.length)[0] ?? '';
}

describe.each(ROLES)('$role.name', ({ role, least, most, also = [] }) => {
  const folder = new URL(`../../roles/${role.name.replace('_', '-')}/templates/`, import.meta.url);

  test('renders with the least and with every variable it has', () => {
    const entries = (role.vars as unknown as { readonly entries: object }).entries;
    expect(Object.keys(most).toSorted()).toEqual(Object.keys(entries).toSorted());
    const files = [least, most, ...also].flatMap((vars) => filesOf(role, vars));
    expect(files.filter((text) => /undefined|\[object|NaN|<%|%>/.test(text))).toEqual([]);
    expect(files.filter((text) => !text.endsWith('\n') || /[ \t]$/m.test(text))).toEqual([]);
  });

  test.each(readdirSync(folder))('templates/%s is used', (name) => {
    const text = fixedText(readFileSync(new URL(name, folder), 'utf8'));
    const told = [least, most, ...also];
    const texts = told.flatMap((vars) => [...filesOf(role, vars), ...surveyTexts(role, vars)]);
    expect(texts.some((file) => file.includes(text))).toBe(true);
  });
});
