import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listPlaybooks } from '../load/playbook.ts';
import { findProject, packageDir } from '../load/project.ts';
import { helpText } from './help.ts';
import type { HelpTopic } from './help-topics.ts';
import type { World } from './world.ts';

/** Prints the help of a command, with the playbooks there are. */
export async function printHelp(of: HelpTopic, world: World): Promise<number> {
  const playbooks = listPlaybooks(findProject(world.cwd)).map((playbook) => playbook.name);
  world.stdout.write(helpText(of, playbooks));
  return 0;
}

export async function printVersion(world: World): Promise<number> {
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as {
    version: string;
  };
  world.stdout.write(`${version}\n`);
  return 0;
}
