import { isAbsolute, relative, resolve } from 'node:path';
import { InvalidInput, type Trouble } from '../core/error.ts';
import type { PlanArguments } from '../core/saved-plan.ts';
import type { Secret } from '../core/secret.ts';
import { SECRETIVE } from '../core/secret-names.ts';
import { isConnectionName } from './connection-names.ts';
import { parseExtraVars } from './extra-vars.ts';
import { isPlaybookPath } from './playbook.ts';
import type { VarNode } from './variables.ts';

/** Shorter secrets would be found in harmless values by chance. */
const SHORTEST_PART = 4;

/**
 * The arguments with paths as the project's folder sees them, so that a checkout elsewhere understands them too.
 *
 * @param cwd what the given paths are relative to
 */
export function portableArguments(given: PlanArguments, projectDir: string, cwd: string): PlanArguments {
  const portable = (path: string) => {
    const file = resolve(cwd, path);
    const inside = relative(projectDir, file);
    return inside.startsWith('..') || isAbsolute(inside) ? file : inside;
  };
  const file = isPlaybookPath(given.playbook) ? portable(given.playbook) : undefined;
  return {
    ...given,
    ...(file !== undefined && { playbook: isAbsolute(file) ? file : `./${file}` }),
    ...(given.inventory !== undefined && { inventory: portable(given.inventory) }),
    extraVars: given.extraVars.map((vars) =>
      vars.trim().startsWith('@') ? `@${portable(vars.trim().slice(1))}` : vars,
    ),
  };
}

/**
 * Arguments are kept as they were given, so none of them may hold a secret.
 *
 * @param roles names of the playbook's roles: what a variable of another role is, nobody knows
 * @throws InvalidInput for each `--extra-vars` that holds a secret, or may
 */
export async function refuseSecretArguments(
  extraVars: readonly string[],
  {
    secrets,
    roles,
    cwd,
  }: {
    readonly secrets: readonly Secret[];
    readonly roles: readonly string[];
    readonly cwd: string;
  },
): Promise<void> {
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value !== '');
  const troubles: Trouble[] = [];
  for (const vars of extraVars.filter((each) => !each.trim().startsWith('@'))) {
    const { entries } = await parseExtraVars([vars], { cwd });
    for (const [name, { node }] of entries) {
      const isKnown = roles.includes(name) || isConnectionName(name);
      const isSecret = leavesOf(node, name).some((leaf) => mayBeSecret(leaf, values));
      if (!isKnown || isSecret) {
        troubles.push(isSecret ? secretTrouble(name) : strayTrouble(name, roles));
      }
    }
  }
  if (troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
}

interface Leaf {
  readonly name: string;
  readonly value: unknown;
}

/** `${NAME}` is a reference, not a secret. */
function mayBeSecret({ name, value }: Leaf, secrets: readonly string[]): boolean {
  const text = String(value);
  return (
    (typeof value === 'string' && SECRETIVE.test(name) && !text.includes('${')) ||
    secrets.some((secret) => text === secret || (secret.length >= SHORTEST_PART && text.includes(secret)))
  );
}

function leavesOf(node: VarNode, name: string): readonly Leaf[] {
  switch (node.is) {
    case 'leaf':
      return [{ name, value: node.value }];
    case 'list':
      return node.items.flatMap((item) => leavesOf(item, name));
    case 'map':
      return [...node.entries].flatMap(([key, entry]) => leavesOf(entry.node, key));
  }
}

function secretTrouble(name: string): Trouble {
  return {
    what: `--extra-vars ${name}: holds a secret, which is not written into a saved plan`,
    hint: 'write ${NAME} for it, and NAME=… into .env; or the variables into a file: -e @FILE',
  };
}

function strayTrouble(name: string, roles: readonly string[]): Trouble {
  return {
    what: `--extra-vars ${name}: no role of this playbook knows it, so it may be a secret, and is not written into a saved plan`,
    hint: `leave it out; the roles are ${roles.join(', ')}`,
  };
}
