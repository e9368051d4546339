import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, extname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageDir, runsFromSource } from './project.ts';

const ENTRY = new URL(runsFromSource ? '../index.ts' : '../index.js', import.meta.url).href;

/** Loaded together with a playbook, so a newer one makes the compiled playbook stale as well. */
const BESIDE_PLAYBOOKS = ['roles'];

/**
 * The exports of a JavaScript or TypeScript file; `run-playbook` in it is this very program.
 *
 * A compiled file in the package's `dist` is taken while it is as new as its source: a tenth of the time.
 */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!/\.[cm]?ts$/.test(file)) {
    return importNatively(file);
  }
  if (runsFromSource && file.startsWith(packageDir + sep)) {
    return importNatively(file);
  }
  const compiled = runsFromSource ? undefined : freshCompiled(file);
  if (compiled !== undefined) {
    return importNatively(compiled);
  }
  // Typed since Node 22; false or absent where types cannot be stripped.
  const canStrip = 'typescript' in process.features && Boolean(process.features.typescript);
  if (canStrip && !file.includes(`${sep}node_modules${sep}`)) {
    hookOwnName();
    return importNatively(file);
  }
  return importWithJiti(file);
}

/** The compiled counterpart of a source file, when neither it nor a role was edited since. */
export function freshCompiled(file: string): string | undefined {
  const root = packageOf(file);
  if (root === undefined) {
    return undefined;
  }
  const sources = [file, ...BESIDE_PLAYBOOKS.flatMap((folder) => sourcesBelow(join(root, folder)))];
  return sources.every((source) => isFresh(root, source)) ? compiledPath(root, file) : undefined;
}

function isFresh(root: string, source: string): boolean {
  const compiled = statSync(compiledPath(root, source), { throwIfNoEntry: false });
  return compiled !== undefined && compiled.mtimeMs >= statSync(source).mtimeMs;
}

function compiledPath(root: string, source: string): string {
  return join(root, 'dist', relative(root, source).replace(/\.([cm]?)ts$/, '.$1js'));
}

function packageOf(file: string): string | undefined {
  for (let dir = dirname(file); dir !== dirname(dir); dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) {
      return dir;
    }
  }
  return undefined;
}

/** What a build puts into `dist`: compiled sources and copied templates. */
function sourcesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && ['.ts', '.ejs'].includes(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function importNatively(file: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
}

let hooked = false;

/** Makes `run-playbook` this program, wherever it is installed, also for what a playbook imports later. */
function hookOwnName(): void {
  if (hooked) {
    return;
  }
  hooked = true;
  const { registerHooks } = createRequire(import.meta.url)('node:module') as typeof import('node:module') & {
    readonly registerHooks?: RegisterHooks;
  };
  const source = pathToFileURL(join(packageDir, 'src', 'index.ts')).href;
  registerHooks?.({
    resolve(specifier, context, next) {
      if (specifier === 'run-playbook') {
        return { url: ENTRY, shortCircuit: true };
      }
      const resolved = next(specifier, context);
      return resolved.url === source ? { url: ENTRY, shortCircuit: true } : resolved;
    },
  });
}

/** In Node 22.15 and later, newer than the types this package is built with. */
type RegisterHooks = (hooks: { resolve(specifier: string, context: unknown, next: Resolve): Resolved }) => {
  deregister(): void;
};
type Resolve = (specifier: string, context: unknown) => Resolved;

interface Resolved {
  readonly url: string;
  readonly shortCircuit?: boolean;
}

async function importWithJiti(file: string): Promise<Readonly<Record<string, unknown>>> {
  const [{ createJiti }, entry, valibot] = await Promise.all([
    import('jiti'),
    import(/* @vite-ignore */ ENTRY),
    import('valibot'),
  ]);
  // Shipped roles name the entry by its path; a second copy of it would have a Secret class of its own.
  const shipped = file.startsWith(packageDir + sep)
    ? ['../src/index.ts', '../../src/index.ts', '../../../src/index.ts']
    : [];
  const jiti = createJiti(file, {
    // jiti's default is a folder in /tmp, where other users could leave code for us to run.
    fsCache: join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'run-playbook', 'jiti'),
    virtualModules: Object.fromEntries([
      ...['run-playbook', ...shipped].map((name) => [name, entry]),
      ['valibot', valibot],
    ]),
  });
  return await jiti.import<Readonly<Record<string, unknown>>>(file);
}
