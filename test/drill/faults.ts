import type { Fault } from '../../src/core/fault.ts';
import { rawScript } from '../../src/core/script.ts';

/** A fault that is over at once, does nothing by itself, and may cost clients nothing. */
export function faultNamed(name: string, wanted: Partial<Fault> = {}): Fault {
  return {
    name,
    description: `${name} happens`,
    on: 'one host',
    means: { by: 'script', inject: () => rawScript('break'), heal: () => rawScript('mend') },
    lastsMs: 0,
    wholeWithinMs: 1000,
    limits: { lost: 0 },
    perSecond: 100,
    ...wanted,
  };
}
