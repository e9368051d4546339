import { resolve } from 'node:path';
import { PlanStale } from '../core/error.ts';
import type { SealedPlan } from '../core/saved-plan.ts';
import { quote } from '../core/script.ts';
import type { Secret } from '../core/secret.ts';
import { findProject } from '../load/project.ts';
import { openPlan, readPlanFile, refuseWrongSignature } from '../load/saved-plan-file.ts';
import { existingPlanKey, type PlanKey } from '../load/saved-plan-key.ts';
import { loadPublicKey } from '../load/saved-plan-signature.ts';
import type { CommandLine } from '../report/advice.ts';
import type { ApplyCommand, RunCommand } from './command.ts';
import { commandLineOf } from './command-line.ts';
import { fail } from './fail.ts';
import { planKeyPlace } from './plan-key-place.ts';
import { programVersion } from './program-version.ts';
import { runCommand } from './run-command.ts';
import type { World } from './world.ts';

/** Does what a saved plan says, if that is still what there is to do. */
export async function applyCommand(
  command: ApplyCommand,
  args: readonly string[],
  world: World,
): Promise<number> {
  const started = performance.now();
  const { verbosity, check, json } = command.how;
  try {
    const { plan, key } = await open(command, world);
    const run = runOf(plan, command);
    world.secrets.push(key.secret);
    return await runCommand(
      run,
      args,
      // The paths in the plan are as the project's folder sees them.
      { ...world, cwd: findProject(world.cwd) },
      {
        commandLine: commandLine(command, run, world.secrets),
        keeping: async () => ({ digest: key.digest, expected: plan }),
      },
    );
  } catch (error) {
    const document = { playbook: '', check, ms: performance.now() - started };
    return fail(error, world, { verbosity, ...(json && { json: document }) });
  }
}

/**
 * @throws InvalidInput the file is no plan, not as it was written, or not signed as wanted
 * @throws PlanStale another version of this program made it
 */
async function open(
  { file, requireSignedBy }: ApplyCommand,
  world: World,
): Promise<{ readonly plan: SealedPlan; readonly key: PlanKey }> {
  const required =
    requireSignedBy === undefined ? undefined : await loadPublicKey(resolve(world.cwd, requireSignedBy));
  const text = await readPlanFile(resolve(world.cwd, file));
  const key = await existingPlanKey(planKeyPlace(world));
  const plan = openPlan(file, text, key);
  refuseWrongSignature(file, plan, required);
  const version = await programVersion();
  if (plan.program !== version) {
    throw new PlanStale({
      what: `${file}: was made by run-playbook ${plan.program}, and this is ${version}; nothing was touched`,
      hint: 'save a new plan: another version may do the same in another way',
    });
  }
  return { plan, key };
}

function runOf({ arguments: given }: SealedPlan, { how }: ApplyCommand): RunCommand {
  return { ...how, ...given, inventory: given.inventory, limit: given.limit };
}

/** To look is to check the playbook anew: what is to be done now stands there, not in the file. */
function commandLine(
  { file, requireSignedBy }: ApplyCommand,
  run: RunCommand,
  secrets: readonly Secret[],
): CommandLine {
  const line = commandLineOf(run, secrets);
  const signed = requireSignedBy === undefined ? '' : ` --require-signed-by ${quote(requireSignedBy)}`;
  return (wanted) => (wanted.check === true ? line(wanted) : `run-playbook apply ${quote(file)}${signed}`);
}
