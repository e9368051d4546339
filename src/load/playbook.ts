import { existsSync, readdirSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { InvalidInput } from '../core/error.ts';
import type { Playbook } from '../core/role.ts';
import { suggestionFor } from '../core/suggest.ts';
import { loadFailure } from './load-failure.ts';
import { importModule } from './module.ts';
import { packageDir, shownPath } from './project.ts';

/** A playbook that can be run by its name. */
export interface PlaybookFile {
  readonly name: string;
  readonly file: string;
}

/** The playbooks of the project, then the shipped ones it does not replace; by name. */
export function listPlaybooks(projectDir: string): readonly PlaybookFile[] {
  const found = new Map<string, PlaybookFile>();
  for (const root of [packageDir, projectDir]) {
    for (const { name, file } of playbooksIn(join(root, 'playbooks'))) {
      found.set(name, { name, file });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Names of all roles in the project and shipped, whose variables an inventory may set.
 *
 * A role has the name of its folder, `-` written as `_`: variables are named as in Ansible.
 */
export function listRoles(projectDir: string): readonly string[] {
  const folders = [packageDir, projectDir]
    .map((root) => join(root, 'roles'))
    .filter((dir) => existsSync(dir));
  return folders.flatMap((dir) =>
    readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name.replaceAll('-', '_')),
  );
}

/**
 * The playbook of that name in the project, else the shipped one; or the one in a file given by path.
 *
 * @param name `phase1`, or a path such as `./deploy/web.ts`
 * @throws InvalidInput there is none, its file cannot be loaded, or exports no playbook
 */
export async function loadPlaybook(
  name: string,
  projectDir: string,
  cwd: string = process.cwd(),
): Promise<Playbook> {
  const file = findPlaybook(name, projectDir, cwd);
  const shown = shownPath(file, cwd);
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await importModule(file);
  } catch (error) {
    throw loadFailure(error, file, cwd);
  }
  const { default: playbook } = exports;
  const fault = playbookFault(playbook);
  if (fault !== undefined) {
    const hint = 'export default playbook({ name, description, hosts, roles })';
    throw new InvalidInput([{ what: `${shown}: ${fault}`, from: shown, hint }]);
  }
  return playbook as Playbook;
}

/** Whether a playbook is named by its file. */
export function isPlaybookPath(name: string): boolean {
  return name.includes('/') || ['.ts', '.mts', '.js', '.mjs'].includes(extname(name));
}

function findPlaybook(name: string, projectDir: string, cwd: string): string {
  if (isPlaybookPath(name)) {
    const file = resolve(cwd, name);
    if (!existsSync(file)) {
      throw new InvalidInput([{ what: `there is no playbook file ${shownPath(file, cwd)}` }]);
    }
    return file;
  }
  const known = listPlaybooks(projectDir);
  const found = known.find((playbook) => playbook.name === name);
  if (found === undefined) {
    const names = known.map((playbook) => playbook.name);
    throw new InvalidInput([
      {
        what: `there is no playbook ${name}`,
        hint: suggestionFor(name, names, 'known') ?? `write playbooks/${name}.ts`,
      },
    ]);
  }
  return found.file;
}

function playbooksIn(folder: string): readonly PlaybookFile[] {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder)
    .filter((file) => /\.m?[tj]s$/.test(file) && !/\.d\.m?ts$/.test(file))
    .map((file) => ({ name: basename(file, extname(file)), file: join(folder, file) }));
}

/** What keeps a default export from being a playbook; undefined when it is one. */
function playbookFault(value: unknown): string | undefined {
  if (value === undefined) {
    return 'has no default export';
  }
  if (typeof value !== 'object' || value === null || !('roles' in value) || !Array.isArray(value.roles)) {
    return 'its default export is not a playbook';
  }
  const { name, hosts } = value as Partial<Playbook>;
  if (typeof name !== 'string' || typeof hosts !== 'string') {
    return 'its playbook needs a name and hosts';
  }
  const wrong = value.roles.findIndex(
    (role: Partial<Playbook['roles'][number]> | undefined) =>
      typeof role?.name !== 'string' || typeof role.resources !== 'function' || role.vars === undefined,
  );
  return wrong === -1 ? undefined : `roles[${wrong}] is not a role`;
}
