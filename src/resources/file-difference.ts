import type { FileDiff } from '../core/resource.ts';
import { mask, type Secret } from '../core/secret.ts';
import type { FileState } from '../queries/file.ts';

/** A file with everything decided. */
export interface ResolvedFile {
  readonly content: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** How one file is not as declared. */
export interface Difference {
  readonly path: string;
  /** `undefined` when the file must go. */
  readonly wanted: ResolvedFile | undefined;
  readonly detail: string;
  readonly found: string;
  readonly expected: string;
  /** Only mode or owner differ: repaired in place, so that the file does not look newly written. */
  readonly accessOnly?: boolean;
  readonly diff?: readonly FileDiff[];
  /** Something is lost that the declaration does not know. */
  readonly destroys?: boolean;
}

/** The file's difference, or none. */
export function compareFile(
  path: string,
  found: FileState,
  wanted: ResolvedFile | undefined,
  conceal: (text: string) => string,
): readonly Difference[] {
  if (wanted === undefined) {
    return found.type === 'absent'
      ? []
      : [
          {
            path,
            wanted,
            detail: `${path}  present -> absent`,
            found: 'present',
            expected: 'absent',
            ...textDiff(path, found, undefined, conceal),
          },
        ];
  }
  if (found.type !== 'file') {
    const before = found.type === 'absent' ? 'absent' : standing(found);
    const texts = { detail: `${path}  ${before} -> written`, found: before, expected: 'a file, as declared' };
    return [{ path, wanted, ...texts, ...textDiff(path, found, wanted, conceal) }];
  }
  const before = found.content?.toString('utf8');
  const change = before === wanted.content ? undefined : contentChange(before, wanted.content, conceal);
  const access = accessDifferences(found, wanted);
  if (change === undefined && access.length === 0) {
    return [];
  }
  const diff = change === undefined ? { accessOnly: true } : textDiff(path, found, wanted, conceal);
  const each = access.map(({ name, is, should }) => `${name} ${is} -> ${should}`);
  return [
    {
      path,
      wanted,
      detail: `${path}  ${[...(change === undefined ? [] : [change]), ...each].join(', ')}`,
      found: [
        ...(change === undefined ? [] : [change]),
        ...access.map(({ name, is }) => `${name} ${is}`),
      ].join(', '),
      expected: [
        ...(change === undefined ? [] : ['content as declared']),
        ...access.map(({ name, should }) => `${name} ${should}`),
      ].join(', '),
      ...diff,
    },
  ];
}

interface AccessDifference {
  readonly name: 'mode' | 'owner';
  readonly is: string;
  readonly should: string;
}

function accessDifferences(
  found: Extract<FileState, { type: 'file' }>,
  wanted: ResolvedFile,
): readonly AccessDifference[] {
  const [is, should] = [found, wanted].map(({ owner, group }) => `${owner}:${group}`) as [string, string];
  return [
    ...(found.mode === wanted.mode ? [] : [{ name: 'mode' as const, is: found.mode, should: wanted.mode }]),
    ...(is === should ? [] : [{ name: 'owner' as const, is, should }]),
  ];
}

/** What stands at a path, for a sentence. */
export function standing({ type }: FileState): string {
  return type === 'other' ? 'a special file' : `a ${type}`;
}

/** Hides secrets in text: known values, and what the patterns' first groups match. */
export function concealer(secrets: readonly Secret[], patterns: readonly RegExp[]): (text: string) => string {
  return (text) => patterns.reduce(hideFirstGroups, mask(text, secrets));
}

/** By position: a value such as `pass` also stands in its own keyword. */
function hideFirstGroups(text: string, pattern: RegExp): string {
  const flags = [...new Set(`${pattern.flags}dg`)].join('');
  let shown = '';
  let end = 0;
  for (const { indices } of text.matchAll(new RegExp(pattern, flags))) {
    const [from, to] = indices?.[1] ?? [end, end];
    shown += to > from ? `${text.slice(end, from)}[secret]` : '';
    end = Math.max(end, to);
  }
  return shown + text.slice(end);
}

function contentChange(before: string | undefined, after: string, conceal: (text: string) => string): string {
  const hidden = before !== undefined && conceal(before) === conceal(after);
  return hidden ? 'a secret in it changed' : 'content changed';
}

function textDiff(
  path: string,
  found: FileState,
  wanted: ResolvedFile | undefined,
  conceal: (text: string) => string,
): { readonly diff: readonly FileDiff[] } {
  const before = found.type === 'file' ? found.content?.toString('utf8') : undefined;
  return {
    diff: [
      {
        path,
        before: before === undefined ? undefined : conceal(before),
        after: wanted === undefined ? undefined : conceal(wanted.content),
      },
    ],
  };
}
