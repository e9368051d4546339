import { describe, expect, it } from 'vitest';
import phase1 from '../../playbooks/phase1.ts';
import phase2 from '../../playbooks/phase2.ts';
import { inkFor } from '../../src/report/ink.ts';
import { blocksOf, rulesText, ruleText } from '../../src/report/rule-text.ts';

const RULES = [phase1, phase2]
  .flatMap(({ roles }) => roles)
  .flatMap(({ name, rules = [] }) => rules.map((rule) => ({ ...rule, role: name })))
  .filter((rule, index, all) => all.findIndex(({ code }) => code === rule.code) === index)
  .toSorted((a, b) => (a.code < b.code ? -1 : 1));

const narrow = inkFor({ color: false, unicode: true, width: 60 });

describe('the parts of a text', () => {
  it('are paragraphs and code, without the margin of the source', () => {
    const text = `
      One paragraph
      on two lines.

        code:
          - of: two lines

      Another one.`;
    expect(blocksOf(text)).toEqual([
      { is: 'prose', text: 'One paragraph on two lines.' },
      { is: 'code', text: 'code:\n  - of: two lines' },
      { is: 'prose', text: 'Another one.' },
    ]);
  });

  it('may be one line', () => {
    expect(blocksOf('Because.')).toEqual([{ is: 'prose', text: 'Because.' }]);
  });
});

describe('explain', () => {
  it('wraps prose to the terminal and leaves code as it is', async () => {
    const rule = RULES.find(({ code }) => code === 'HA112');
    expect(rule).toBeDefined();
    await expect(rule && ruleText(rule, narrow)).toMatchFileSnapshot('golden/rule.txt');
  });

  it('lists all rules', () => {
    const lines = rulesText(RULES, narrow).trimEnd().split('\n');
    expect(lines.slice(0, -2).map((line) => line.slice(0, 5))).toEqual(RULES.map(({ code }) => code));
    expect(lines.at(-1)).toBe(`More about one: run-playbook explain ${RULES[0]?.code}`);
  });
});

describe('every shipped rule', () => {
  it('has a code of its own', () => {
    const all = [phase1, phase2].map(({ roles }) => roles.flatMap(({ rules = [] }) => rules));
    for (const rules of all) {
      expect(new Set(rules.map(({ code }) => code)).size).toBe(rules.length);
      expect(rules.filter(({ code }) => !/^HA1\d\d$/.test(code))).toEqual([]);
    }
  });

  it.each(RULES)('$code has one line, a reason, and something to do', ({ title, why, fix }) => {
    expect(title).toMatch(/^\S.{10,70}[^.]$/);
    expect(blocksOf(why).filter(({ is }) => is === 'prose').length).toBeLessThanOrEqual(3);
    expect(blocksOf(why)[0]?.text.length).toBeGreaterThan(80);
    expect(blocksOf(fix)[0]?.text).toMatch(/[.:]$/);
  });

  it('says with which versions it was measured', () => {
    const strays = RULES.filter(
      ({ why }) => /\b[Mm]easured\b/.test(why) && !/(keepalived|HAProxy|nginx)\s+\d|measurements/.test(why),
    );
    expect(strays.map(({ code }) => code)).toEqual([]);
  });
});
