import { statSync } from 'node:fs';
import { isLabUp } from '../../scripts/lab/is-up.ts';
import { enterCommand, labPaths } from '../../scripts/lab/paths.ts';
import { HostFailed } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import { visibleLine } from '../report/visible.ts';
import { passThrough } from './pass-through.ts';
import type { World } from './world.ts';

/** Names the lab a process was started in, and by whom. */
const MARK = 'RUN_PLAYBOOK_INSIDE';

export interface EnterOptions {
  readonly args: readonly string[];
  /** Finds what is wrong with the command, before minutes are spent on starting a lab for it. */
  readonly examine: () => Promise<unknown>;
  readonly onProgress: (line: string) => void;
}

/**
 * Runs this program again inside the lab's network, which is the only place its hosts can be reached from.
 *
 * @returns the exit code of that run; undefined when this already is inside
 */
export async function enterLab(
  lab: string,
  {
    inventory,
    world,
    options,
  }: { readonly inventory: Inventory; readonly world: World; readonly options: EnterOptions },
): Promise<number | undefined> {
  if (isInside(lab)) {
    return undefined;
  }
  if (world.env[MARK] === `${lab} ${process.ppid}`) {
    throw new HostFailed({
      what: `the network of lab ${lab} could not be entered`,
      hint: 'start the lab anew: run-playbook lab down, then run-playbook lab up',
    });
  }
  if (!isLabUp(lab) || process.getuid?.() !== 0) {
    await options.examine();
    await startLab(lab, inventory, options.onProgress);
  }
  const command = enterCommand(lab, [...world.self, ...options.args]);
  return passThrough(command, { ...world.env, [MARK]: `${lab} ${process.pid}` });
}

/** Starts a lab with the inventory's hosts; what is missing on this machine is named, then installed. */
export async function startLab(
  lab: string,
  inventory: Inventory | undefined,
  onProgress: (line: string) => void,
): Promise<void> {
  const { installPackages, labUp, missingPackages } = await import('../../scripts/lab/index.ts');
  const missing = process.getuid?.() === 0 ? missingPackages() : [];
  if (missing.length > 0) {
    onProgress(
      `the lab needs packages that are missing here: ${missing.join(', ')}; installing them with apt`,
    );
    await installPackages(missing);
  }
  const hosts = [...(inventory?.hosts.values() ?? [])].map(({ name, target }) => ({
    name,
    address: target.address,
  }));
  onProgress(`lab ${lab}: starting`);
  const { degraded } = await labUp({ name: lab, onProgress, ...(hosts.length > 0 && { hosts }) });
  for (const unit of degraded) {
    onProgress(`lab ${lab}: failed while booting: ${visibleLine(unit)}`);
  }
}

/** Whether this process is in the lab's network; what the environment says does not count. */
function isInside(lab: string): boolean {
  const [here, there] = ['/proc/self/ns/net', labPaths(lab).netnsFile].map((path) =>
    statSync(path, { throwIfNoEntry: false }),
  );
  return here !== undefined && there !== undefined && here.ino === there.ino && here.dev === there.dev;
}
