import { readFileSync } from 'node:fs';

/** A command of a page and what it prints there. */
export interface Shown {
  readonly command: string;
  readonly output: string;
}

/** What can be tried out of a page: files, and commands in order. */
export interface Page {
  /** Blocks whose first line is a comment with a path, by that path. */
  readonly files: Readonly<Record<string, string>>;
  readonly commands: readonly Shown[];
}

/** The first line of a file: `// roles/a.ts`, `# a.yml`, `<%# a.ejs -%>`. */
const NAMED = /^(?:\/\/|#|<%#) (\S+\.\w+)(?: -%>)?$/;

export function readPage(file: string): Page {
  const blocks = [...readFileSync(file, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const named = blocks.flatMap(([, , text = '']) => {
    const [, path] = NAMED.exec(text.split('\n')[0] ?? '') ?? [];
    return path === undefined ? [] : [[path, text] as const];
  });
  const commands = blocks
    .filter(([, language]) => language === 'console')
    .map(([, , text = '']) => {
      const [first = '', ...output] = text.split('\n');
      return { command: first.replace(/^\$ /, ''), output: output.join('\n') };
    });
  return { files: Object.fromEntries(named), commands };
}

/** Output without what differs from run to run: how long things took. */
export function untimed(text: string): string {
  return text.replaceAll(/\d+\.\d s\b/g, 'N s');
}
