import { resolve } from 'node:path';
import { EXIT } from '../core/error.ts';
import type { RunResult } from '../core/result.ts';
import type { PlannedSite, SavedPlan } from '../core/saved-plan.ts';
import { SAVED_PLAN_VERSION } from '../core/saved-plan.ts';
import { quote } from '../core/script.ts';
import { mask, type Secret } from '../core/secret.ts';
import { findProject } from '../load/project.ts';
import { portableArguments, refuseSecretArguments } from '../load/saved-plan-arguments.ts';
import { refuseForeignFile, sealedText, writePlanFile } from '../load/saved-plan-file.ts';
import { planKey, type PlanKey } from '../load/saved-plan-key.ts';
import { loadSigner } from '../load/saved-plan-signature.ts';
import type { CommandLine } from '../report/advice.ts';
import type { PlanCommand } from './command.ts';
import { commandLineOf } from './command-line.ts';
import { fail } from './fail.ts';
import { planKeyPlace } from './plan-key-place.ts';
import { programVersion } from './program-version.ts';
import { runCommand } from './run-command.ts';
import { whoRuns } from './who-runs.ts';
import type { World } from './world.ts';

/** How a run ends whose plan is worth saving: every host was read, and nothing forbids to go on. */
const SAVED: readonly number[] = [EXIT.converged, EXIT.changesPending, EXIT.degraded];

/** Checks a playbook, and saves what it would do in a file for `run-playbook apply`. */
export async function planCommand(
  command: PlanCommand,
  args: readonly string[],
  world: World,
): Promise<number> {
  const started = performance.now();
  const { run, output } = command;
  try {
    const file = resolve(world.cwd, output);
    await refuseForeignFile(file);
    const sign = command.sign === undefined ? undefined : await loadSigner(resolve(world.cwd, command.sign));
    const key = await planKey(planKeyPlace(world));
    let site: PlannedSite | undefined;
    world.secrets.push(key.secret);
    return await runCommand(run, args, world, {
      commandLine: commandLine(command, world.secrets),
      async keeping({ playbook }) {
        const roles = playbook.roles.map(({ name }) => name);
        await refuseSecretArguments(run.extraVars, { secrets: world.secrets, roles, cwd: world.cwd });
        return { digest: key.digest, keep: (planned) => void (site = planned) };
      },
      async ended(result) {
        if (site === undefined || !isWhole(result)) {
          return `not saved: ${output}`;
        }
        const plan = await planOf(masked(site, world.secrets), command, { key, world });
        await writePlanFile(file, sealedText(plan, key, sign));
        return `saved: ${output}`;
      },
    });
  } catch (error) {
    const { verbosity, playbook, check } = run;
    const json = { playbook, check, ms: performance.now() - started };
    return fail(error, world, { verbosity, ...(run.json && { json }) });
  }
}

function isWhole({ exit, hosts }: RunResult): boolean {
  return SAVED.includes(exit) && hosts.every(({ plan }) => plan !== undefined);
}

async function planOf(
  site: PlannedSite,
  { run }: PlanCommand,
  { key, world }: { readonly key: PlanKey; readonly world: World },
): Promise<SavedPlan> {
  const { playbook, inventory, limit, tags, skipTags, extraVars } = run;
  const given = { playbook, inventory, limit, tags, skipTags, extraVars };
  return {
    format: 'run-playbook plan',
    version: SAVED_PLAN_VERSION,
    program: await programVersion(),
    madeAt: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    madeBy: whoRuns(),
    key: key.id,
    arguments: portableArguments(given, findProject(world.cwd), world.cwd),
    ...site,
  };
}

/** What people read of it; all the rest is digests. */
function masked({ playbook, hosts }: PlannedSite, secrets: readonly Secret[]): PlannedSite {
  return {
    playbook,
    hosts: hosts.map((host) => ({
      ...host,
      target: mask(host.target, secrets),
      changes: host.changes.map((change) => ({ ...change, summary: mask(change.summary, secrets) })),
    })),
  };
}

/** To apply is to apply the file; to look once more in full is a check, to look again is to plan. */
function commandLine({ run, output, sign }: PlanCommand, secrets: readonly Secret[]): CommandLine {
  const line = commandLineOf(run, secrets);
  return ({ check = false, diff = false, limit = [] }) => {
    if (!check) {
      return `run-playbook apply ${quote(output)}`;
    }
    const signed = sign === undefined ? '' : ` --sign ${quote(sign)}`;
    return diff
      ? line({ check, diff, limit })
      : `${line({}).replace(/^run-playbook /, '$&plan ')} -o ${quote(output)}${signed}`;
  };
}
