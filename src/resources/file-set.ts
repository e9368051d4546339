import type { Facts } from '../core/facts.ts';
import type { Reads, Seen } from '../core/query.ts';
import { OK, type PlanContext, type Resource, type Verdict } from '../core/resource.ts';
import type { Script } from '../core/script.ts';
import type { Secret } from '../core/secret.ts';
import { entriesOf } from '../queries/directory.ts';
import { CONTENT_MAX_BYTES, fileAt } from '../queries/file.ts';
import { compareFile, concealer, type Difference, type ResolvedFile } from './file-difference.ts';
import { installScript, restoreScript } from './file-install.ts';
import { digestOf, renderContent, type Content } from './render.ts';

/** One file as it should be. */
export interface FileSpec {
  readonly content: Content;
  /** Octal, four digits; default `0644`. */
  readonly mode?: string;
  /** Default `root`. */
  readonly owner?: string;
  /** Default `root`. */
  readonly group?: string;
}

/** A file that must not be there. */
export interface Absent {
  readonly absent: true;
  /** Id of the package that brings it: a plan that installs the package knows that it will have to go. */
  readonly shippedBy?: string;
}

export interface FileSetOptions {
  /** What is configured, for the id: `files nginx`. */
  readonly name: string;
  /** Absolute path of the directory that is staged and validated as a whole. */
  readonly root: string;
  /** Files by path below `root`. */
  readonly files: Readonly<Record<string, FileSpec | Absent>>;
  /** Directories below `root` (`.` for itself) in which only declared files may stand. */
  readonly purge?: readonly string[];
  /**
   * Exits 0 when the staged set is valid. Runs with the set in its final place as far as this
   * script can see (a private mount), `RP_ROOT` naming it.
   */
  readonly validate?: Script;
  /** Runs after the files are in place, and again after an undo: `systemctl daemon-reload`. */
  readonly after?: Script;
  /** Secrets that stand in the content. */
  readonly secrets?: readonly Secret[];
  /** Parts of a line that are never shown, old values included: the first group of each match. */
  readonly conceal?: readonly RegExp[];
  /** Service that loads these files, `nginx`: it is known to need a reload from before they change until it has loaded them. */
  readonly loadedBy?: string;
  readonly needs?: readonly string[];
}

/** A file set, with what a service needs to know of its own configuration. */
export interface FileSet extends Resource {
  readonly paths: readonly string[];
  readonly loadedBy: string | undefined;
  /** Digest of the wanted content of all files. */
  digest(facts: Facts): string;
  /** Whether any content differs from what is wanted; mode and owner do not count. */
  differsInContent(seen: Seen, context: PlanContext): boolean;
}

/** Where the digest of the configuration that a service last loaded with success is kept. */
export function stampPath(service: string): string {
  return `/var/lib/run-playbook/loaded/${service}`;
}

/**
 * Files that are valid only as a whole, such as a service's configuration.
 *
 * Manages: content, mode, owner and absence of the declared files, and what else stands in purged directories.
 * Probe reads: metadata and bytes of the declared files, names in purged directories.
 * Change writes: a staged copy beside the root, validated; then one rename per file; nothing if it is not valid.
 * Undo: the former files, with mode, owner and time; created directories are removed.
 * Does not manage: other files below the root.
 */
export function fileSet(options: FileSetOptions): FileSet {
  const { root, files } = options;
  const specs = Object.entries(files).map(([path, spec]) => ({ path: absolute(root, path), spec }));
  const purged = (options.purge ?? []).map((path) => absolute(root, path));
  const declared = new Set(specs.map(({ path }) => path));
  const reads: Reads = {
    ...Object.fromEntries(specs.map(({ path }) => [path, fileAt(path)])),
    ...Object.fromEntries(purged.map((path) => [`${path}/`, entriesOf(path)])),
  };

  function differences(seen: Seen, context: PlanContext): readonly Difference[] {
    const conceal = concealer(options.secrets ?? [], options.conceal ?? []);
    // A package brings its optional files on its first installation only.
    const bare = specs.every(({ path }) => seen.answer(fileAt(path)).type === 'absent');
    const foreign = purged
      .flatMap((directory) => seen.answer(entriesOf(directory)).map((name) => `${directory}/${name}`))
      .filter((path) => !declared.has(path));
    const found = [
      ...specs.flatMap(({ path, spec }) => {
        const wanted = 'absent' in spec ? undefined : resolve(path, spec, context.facts);
        return compareFile(path, seen.answer(fileAt(path)), wanted, conceal);
      }),
      ...foreign.map((path): Difference => ({
        path,
        wanted: undefined,
        detail: `${path}  not declared -> removed`,
        found: 'not declared',
        expected: 'absent',
        destroys: true,
      })),
    ];
    return bare ? [...found, ...specs.flatMap((file) => shipped(file, seen, context))] : found;
  }

  const loadedStamp = options.loadedBy === undefined ? undefined : stampPath(options.loadedBy);

  return {
    id: `files ${options.name}`,
    kind: 'files',
    needs: options.needs ?? [],
    reads,
    paths: specs.map(({ path }) => path),
    digest: (facts) =>
      digestOf(
        specs.flatMap(({ path, spec }) =>
          'absent' in spec ? [] : [path, renderContent(spec.content, facts)],
        ),
      ),
    loadedBy: options.loadedBy,
    differsInContent: (seen, context) =>
      differences(seen, context).some((difference) => difference.accessOnly !== true),
    plan(seen, context): Verdict {
      const found = differences(seen, context);
      if (found.length === 0) {
        return OK;
      }
      const blocked = specs.find(({ path }) => seen.answer(fileAt(path)).type === 'directory');
      if (blocked !== undefined) {
        return { is: 'unknown', reason: `a directory stands at ${blocked.path}: move it away` };
      }
      const stamp = found.every((difference) => difference.accessOnly === true) ? undefined : loadedStamp;
      const destroyed = found
        .filter((difference) => difference.destroys)
        .map((difference) => difference.path);
      return {
        is: 'change',
        change: {
          summary: summarize(found),
          details: found.map((difference) => difference.detail),
          diff: found.flatMap((difference) => difference.diff ?? []),
          deviations: found.map(({ path, found: is, expected }) => ({
            item: path,
            class: 'file' as const,
            found: is,
            expected,
          })),
          ...(destroyed.length > 0 && { destroys: destroyed }),
          apply: installScript({ ...options, differences: found, stamp }),
          undo: restoreScript(
            [...found.map((difference) => difference.path), ...(stamp === undefined ? [] : [stamp])],
            options.after,
          ),
        },
      };
    },
  };
}

/** What is not there yet, but comes with a package before its turn. */
function shipped(
  { path, spec }: { readonly path: string; readonly spec: FileSpec | Absent },
  seen: Seen,
  context: PlanContext,
): readonly Difference[] {
  const comes =
    'absent' in spec &&
    spec.shippedBy !== undefined &&
    context.changes(spec.shippedBy) &&
    seen.answer(fileAt(path)).type === 'absent';
  return comes
    ? [
        {
          path,
          wanted: undefined,
          detail: `${path}  comes with ${spec.shippedBy} -> absent`,
          found: `comes with ${spec.shippedBy}`,
          expected: 'absent',
        },
      ]
    : [];
}

/** @throws RangeError the content could never be found to be as declared: larger files are not read */
function resolve(path: string, spec: FileSpec, facts: Facts): ResolvedFile {
  const content = renderContent(spec.content, facts);
  if (Buffer.byteLength(content) > CONTENT_MAX_BYTES) {
    throw new RangeError(
      `${path} is larger than ${CONTENT_MAX_BYTES / 1024} KiB, the most a managed file can be`,
    );
  }
  return {
    content,
    mode: spec.mode ?? '0644',
    owner: spec.owner ?? 'root',
    group: spec.group ?? 'root',
  };
}

function absolute(root: string, path: string): string {
  return path === '.' ? root : `${root}/${path}`;
}

function summarize(found: readonly Difference[]): string {
  const removed = found.filter((difference) => difference.wanted === undefined).length;
  const written = found.length - removed;
  return [written > 0 && `${written} to write`, removed > 0 && `${removed} to remove`]
    .filter(Boolean)
    .join(', ');
}
