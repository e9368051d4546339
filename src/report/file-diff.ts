import { structuredPatch } from 'diff';
import type { FileDiff } from '../core/resource.ts';
import { withoutOldSecrets } from './old-secrets.ts';

const TIMEOUT_MS = 1000;
const CONTEXT_LINES = 3;

export interface UnifiedLine {
  readonly is: 'file' | 'hunk' | 'added' | 'removed' | 'context' | 'remark';
  readonly text: string;
}

/**
 * One file's unified diff, a line each, without secrets; the text is the host's, still to be made visible.
 *
 * Where there is nothing to compare, a remark says why.
 *
 * @param masked replaces the secrets that are known
 */
export function unifiedDiff(file: FileDiff, masked: (text: string) => string): readonly UnifiedLine[] {
  const { path } = file;
  if (file.before === undefined && file.after === undefined) {
    return [{ is: 'remark', text: `binary files differ: ${path}` }];
  }
  const after = masked(file.after ?? '');
  const before = withoutOldSecrets(masked(file.before ?? ''), after);
  if (before === after && file.before !== undefined && file.after !== undefined) {
    return [{ is: 'remark', text: `only secret values differ: ${path}` }];
  }
  const heads: readonly UnifiedLine[] = [
    { is: 'file', text: `--- ${file.before === undefined ? '/dev/null' : path}` },
    { is: 'file', text: `+++ ${file.after === undefined ? '/dev/null' : path}` },
  ];
  const options = { context: CONTEXT_LINES, timeout: TIMEOUT_MS };
  const patch = structuredPatch(path, path, before, after, undefined, undefined, options);
  if (patch === undefined) {
    const sizes = [before, after].map((text) => text.split('\n').length).join(' -> ');
    return [...heads, { is: 'remark', text: `too different to compare in ${TIMEOUT_MS} ms: ${sizes} lines` }];
  }
  return [
    ...heads,
    ...patch.hunks.flatMap((hunk) => [
      {
        is: 'hunk' as const,
        text: `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
      },
      ...hunk.lines.map(unifiedLine),
    ]),
  ];
}

/** The same as one text, for documents. */
export function unifiedText(file: FileDiff, masked: (text: string) => string): string {
  return unifiedDiff(file, masked)
    .map(({ text }) => `${text}\n`)
    .join('');
}

/** An empty range is written with the line before it, as diff(1) does. */
function range(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

function unifiedLine(text: string): UnifiedLine {
  switch (text[0]) {
    case '+':
      return { is: 'added', text };
    case '-':
      return { is: 'removed', text };
    case '\\':
      return { is: 'remark', text };
    default:
      return { is: 'context', text };
  }
}
