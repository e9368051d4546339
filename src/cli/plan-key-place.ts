import { join } from 'node:path';
import { findProject } from '../load/project.ts';
import type { KeyPlace } from '../load/saved-plan-key.ts';
import { stateDir } from './state-dir.ts';
import type { World } from './world.ts';

/** Where the key of saved plans is looked for. */
export function planKeyPlace({ cwd, env }: World): KeyPlace {
  return { projectDir: findProject(cwd), env, file: join(stateDir(env), 'plan-key') };
}
