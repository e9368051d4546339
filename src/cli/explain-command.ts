import { InvalidInput } from '../core/error.ts';
import { suggest } from '../core/suggest.ts';
import { findProject } from '../load/project.ts';
import { loadRules, type RoleRule } from '../load/rules.ts';
import { ruleText, rulesText } from '../report/rule-text.ts';
import { troubleText } from '../report/trouble-text.ts';
import type { ExplainCommand } from './command.ts';
import { fail } from './fail.ts';
import { inkOn } from './ink-on.ts';
import type { World } from './world.ts';

const MOST_SUGGESTED = 4;

/** Prints the long form of a rule, or all rules; neither inventory nor hosts are needed. */
export async function explainCommand({ code }: ExplainCommand, world: World): Promise<number> {
  const { stdout, stderr, cwd } = world;
  try {
    const { rules, troubles } = await loadRules(findProject(cwd), cwd);
    for (const trouble of troubles) {
      stderr.write(`${troubleText(trouble, inkOn('stderr', world))}\n`);
    }
    const ink = inkOn('stdout', world);
    stdout.write(code === undefined ? rulesText(rules, ink) : ruleText(ruleNamed(code, rules), ink));
    return 0;
  } catch (error) {
    return fail(error, world, { verbosity: 0 });
  }
}

function ruleNamed(code: string, rules: readonly RoleRule[]): RoleRule {
  const found = rules.find((rule) => rule.code.toLowerCase() === code.toLowerCase());
  if (found === undefined) {
    const codes = rules.map((rule) => rule.code);
    const near = nearCodes(code.toUpperCase(), codes);
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see all: run-playbook explain';
    throw new InvalidInput([{ what: `there is no rule ${code}`, hint }]);
  }
  return found;
}

/** The code whose number alone was given; else those that differ in one place; else the one that is most like it. */
function nearCodes(code: string, codes: readonly string[]): readonly string[] {
  const whole = codes.filter((known) => known.endsWith(code));
  const alike = codes.filter(
    (known) =>
      known.length === code.length && [...known].filter((sign, at) => sign !== code[at]).length === 1,
  );
  const near = whole.length > 0 ? whole : alike.length > 0 ? alike : [suggest(code, codes) ?? []].flat();
  return near.slice(0, MOST_SUGGESTED);
}
