import type { Command as Parser } from 'commander';
import { runParser } from '../src/cli/parse.ts';

/** The long options of every command that the program knows, by name: `PLAYBOOK`, `lab up`, `plan`. */
export function everyCommand(): ReadonlyMap<string, readonly string[]> {
  return new Map(
    leavesOf(
      runParser(() => {}),
      [],
    ),
  );
}

/** A command line and what of it is told in another way: all there is for a person, and a document for a program. */
export function variantsOf(command: string, args: readonly string[]): readonly (readonly string[])[] {
  const options = everyCommand().get(command) ?? [];
  const having = (...wanted: readonly string[]) => wanted.filter((option) => options.includes(option));
  const loud = having('--verbose').flatMap((option) => [option, option]);
  const diff = having('--diff');
  const words = command === 'PLAYBOOK' ? [] : command.split(' ');
  const line = (more: readonly string[]) => [...words, ...more, ...args];
  return [line([...loud, ...diff]), ...having('--json').map((json) => line([json, ...diff]))];
}

function leavesOf(
  parser: Parser,
  path: readonly string[],
): readonly (readonly [string, readonly string[]])[] {
  const options = parser.options.flatMap(({ long }) => long ?? []);
  const inner = parser.commands.flatMap((command) => leavesOf(command, [...path, command.name()]));
  // Of `lab` and `lock` only what they are followed by is a command; without a playbook there is none either.
  const isLeaf = parser.commands.length === 0 || path.length === 0;
  return [...(isLeaf ? [[path.join(' ') || 'PLAYBOOK', options] as const] : []), ...inner];
}
