import { listPlaybooks } from '../load/playbook.ts';
import { findProject } from '../load/project.ts';
import { helpText } from './help.ts';
import type { HelpTopic } from './help-topics.ts';
import { programVersion } from './program-version.ts';
import type { World } from './world.ts';

/** Prints the help of a command, with the playbooks there are. */
export async function printHelp(of: HelpTopic, world: World): Promise<number> {
  const playbooks = listPlaybooks(findProject(world.cwd)).map((playbook) => playbook.name);
  world.stdout.write(helpText(of, playbooks));
  return 0;
}

export async function printVersion(world: World): Promise<number> {
  world.stdout.write(`${await programVersion()}\n`);
  return 0;
}
