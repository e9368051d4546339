import { inkFor, mediumOf, type Ink } from '../report/ink.ts';
import type { World } from './world.ts';

/** The ink for one of this process's streams; it hides every secret that was read so far. */
export function inkOn(stream: 'stdout' | 'stderr', world: World): Ink {
  return inkFor(mediumOf(world[stream], world.env), world.secrets);
}
