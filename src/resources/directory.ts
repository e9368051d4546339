import { OK, type Resource } from '../core/resource.ts';
import { joinScripts, sh } from '../core/script.ts';
import { fileAt } from '../queries/file.ts';
import { standing } from './file-difference.ts';
import { MAKE, UNMAKE } from './undo-directory.ts';

export interface DirectoryOptions {
  readonly path: string;
  /** Octal, four digits; default `0755`. */
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly needs?: readonly string[];
}

/**
 * A directory with its mode and owner.
 *
 * Manages: existence, mode, owner and group of one directory.
 * Probe reads: its metadata.
 * Change writes: `mkdir -p`, `chown`, `chmod`.
 * Undo: former mode and owner; what was made, parents included, is removed if it is still empty.
 * Does not manage: what stands in it.
 */
export function directory(options: DirectoryOptions): Resource {
  const { path, mode = '0755', owner = 'root', group = 'root' } = options;
  const query = fileAt(path);
  return {
    id: `directory ${path}`,
    kind: 'directory',
    needs: options.needs ?? [],
    reads: { state: query },
    plan(seen) {
      const state = seen.answer(query);
      if (state.type !== 'directory' && state.type !== 'absent') {
        return { is: 'unknown', reason: `${standing(state)} stands there: move it away` };
      }
      const before = state.type === 'directory' ? state : undefined;
      const parts = [
        before === undefined && 'absent -> made',
        before !== undefined && before.mode !== mode && `mode ${before.mode} -> ${mode}`,
        before !== undefined &&
          (before.owner !== owner || before.group !== group) &&
          `owner ${before.owner}:${before.group} -> ${owner}:${group}`,
      ].filter((part) => part !== false);
      if (parts.length === 0) {
        return OK;
      }
      const undo =
        before === undefined
          ? joinScripts([UNMAKE, sh`unmake`])
          : sh`chown -- ${`${before.owner}:${before.group}`} ${path}; chmod -- ${before.mode} ${path}`;
      return {
        is: 'change',
        change: {
          summary: parts.join(', '),
          deviations: [
            {
              item: path,
              class: 'directory',
              found:
                before === undefined
                  ? 'absent'
                  : `mode ${before.mode}, owner ${before.owner}:${before.group}`,
              expected: `mode ${mode}, owner ${owner}:${group}`,
            },
          ],
          apply: joinScripts([
            MAKE,
            sh`make ${path}
chown -- ${`${owner}:${group}`} ${path}
chmod -- ${mode} ${path}`,
          ]),
          undo,
        },
      };
    },
  };
}
