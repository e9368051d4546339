import { labDown, labUp } from '../../../scripts/lab/index.ts';
import { runIt } from './controller.ts';

/** A lab that is there already and stays, to look at what a test left. */
const KEPT = process.env['RUN_PLAYBOOK_FAULT_LAB'];

export function faultLab(file: string): string {
  return KEPT ?? `t-${file}-${process.pid}`;
}

/** A pair as phase 1 makes it. */
export async function bringUp(name: string): Promise<void> {
  await labUp({ name });
  const { exit, stderr } = await runIt(name, 'phase1');
  if (exit !== 0) {
    throw new Error(`phase1 ended with ${exit}\n${stderr}`);
  }
}

export async function takeDown(name: string): Promise<void> {
  if (KEPT === undefined) {
    await labDown({ name });
  }
}
