import { RunError, type Trouble } from '../core/error.ts';
import type { Rule } from '../core/lint.ts';
import { listPlaybooks, loadPlaybook } from './playbook.ts';

/** A rule with the name of its role. */
export interface RoleRule extends Rule {
  readonly role: string;
}

/**
 * The rules of all roles that the project's and the shipped playbooks use, by code.
 *
 * A playbook that cannot be loaded keeps nobody from reading the rules of the others.
 */
export async function loadRules(
  projectDir: string,
  cwd: string,
): Promise<{ readonly rules: readonly RoleRule[]; readonly troubles: readonly Trouble[] }> {
  const rules = new Map<string, RoleRule>();
  const troubles: Trouble[] = [];
  for (const { name } of listPlaybooks(projectDir)) {
    try {
      const playbook = await loadPlaybook(name, projectDir, cwd);
      for (const role of playbook.roles) {
        role.rules?.forEach((rule) => rules.set(rule.code, { ...rule, role: role.name }));
      }
    } catch (error) {
      if (!(error instanceof RunError)) {
        throw error;
      }
      troubles.push(error.trouble);
    }
  }
  return { rules: [...rules.values()].toSorted((a, b) => (a.code < b.code ? -1 : 1)), troubles };
}
