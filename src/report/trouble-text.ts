import { formatTrouble, type Trouble } from '../core/error.ts';
import type { Ink } from './ink.ts';

/** A trouble in the shape of the house, safe to print; without a newline at its end. */
export function troubleText(trouble: Trouble, ink: Ink): string {
  const [head = '', ...rest] = formatTrouble(shownTrouble(trouble, ink.line, ink.block)).split('\n');
  const lines = rest.map((line) => line.replace(/^ {2}(\w+) /, (label) => ink.dim(label)));
  return [ink.bold(ink.red(head)), ...lines].join('\n');
}

/** A trouble with each of its texts rewritten; `block` gets those that may have several lines. */
export function shownTrouble(
  trouble: Trouble,
  line: (text: string) => string,
  block: (text: string) => string = line,
): Trouble {
  const { code, host, resource, what, why, command, ended, from, hint } = trouble;
  return {
    code: optional(code, line),
    host: optional(host, line),
    resource: optional(resource, line),
    what: line(what),
    why: why?.map(block),
    command: optional(command, block),
    ended: optional(ended, line),
    from: optional(from, line),
    hint: optional(hint, block),
  };
}

function optional(text: string | undefined, write: (text: string) => string): string | undefined {
  return text === undefined ? undefined : write(text);
}
