import type { Family, Query } from '../core/query.ts';
import { rawScript, type Script } from '../core/script.ts';

/** What a read-only script of a role printed, and its exit code. */
export interface Output {
  readonly stdout: string;
  readonly exit: number;
}

const outputs: Family<Output> = {
  name: 'output',
  scripts: (texts) => texts.map((text) => rawScript(text)),
  parse: (frames, texts) =>
    new Map(
      texts.map((text, index) => {
        const frame = frames[index];
        return [text, { stdout: frame?.stdout.toString('utf8') ?? '', exit: frame?.exit ?? -1 }];
      }),
    ),
};

/** The general query: a script that must not change anything; it runs in a subshell of its own, `sh` as root. */
export function outputOf(script: Script): Query<Output> {
  return { family: outputs, key: script.text };
}
