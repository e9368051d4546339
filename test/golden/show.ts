import type { Action, Change } from '../../src/core/resource.ts';
import { isScript } from '../../src/core/script.ts';
import type { PlanStep } from '../../src/core/plan.ts';

/** A file as an install script writes it. */
export interface WrittenFile {
  readonly path: string;
  readonly owner: string;
  readonly mode: string;
  readonly content: string;
}

/** A verdict as a case file has it. */
export function shownStep(step: PlanStep, withoutScripts = false): unknown {
  switch (step.is) {
    case 'ok':
      return 'ok';
    case 'unknown':
      return { unknown: step.reason };
    case 'change':
      return shownChange(step.change, withoutScripts);
  }
}

function shownChange({ apply, undo, lockstep, ...told }: Change, withoutScripts: boolean) {
  const scripts = { apply, ...(undo && { undo }), ...(lockstep && { quiesce: lockstep.quiesce }) };
  return {
    ...told,
    ...(lockstep && { lockstep: { disagrees: lockstep.disagrees } }),
    ...(!withoutScripts &&
      Object.fromEntries(Object.entries(scripts).map(([name, action]) => [name, shownAction(action)]))),
  };
}

/** The script, its functions without their bodies: those are tested by running them. */
function shownAction(action: Action): string {
  return isScript(action) ? action.text.replaceAll(/^(\w+)\(\) \{.*?^\}$/gms, '$1() { … }') : 'a function';
}

/** The files that the install script of a file set writes, as its `write` lines say. */
export function writtenFiles(script: string): readonly WrittenFile[] {
  const root = words(script, script.indexOf('root='))[0]?.slice('root='.length) ?? '';
  return [...script.matchAll(/^write (?=\S+ )/gm)].flatMap(({ index }) => {
    const [, below = '', content = '', owner = '', mode = ''] = words(script, index);
    return /^\d{4}$/.test(mode) ? [{ path: `${root}/${below}`, owner, mode, content }] : [];
  });
}

/** The unquoted words of the shell command at `start`. */
function words(script: string, start: number): readonly string[] {
  const word = /((?:'[^']*'|\\'|[^\s'\\;]+)+)[ ]?/y;
  word.lastIndex = start;
  const found: string[] = [];
  for (let match = word.exec(script); match !== null; match = word.exec(script)) {
    found.push((match[1] ?? '').replaceAll(/'([^']*)'|\\(')/g, '$1$2'));
  }
  return found;
}
