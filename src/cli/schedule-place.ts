import { userInfo } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { InvalidInput } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import { findProject, packageDir } from '../load/project.ts';
import { outputOf, type Owner } from '../schedule/carry-out.ts';
import type { ScheduleRecord, Scheduler } from '../core/schedule.ts';
import type { Job } from '../schedule/schedule.ts';
import { scheduleFile } from './check-schedule.ts';
import type { ScheduleCommand } from './command.ts';
import { driftScope } from './drift-scope.ts';
import { stateDir } from './state-dir.ts';
import type { World } from './world.ts';

/** Where the checks of these hosts are scheduled, by whom and with what. */
export interface SchedulePlace {
  /** File in which it is remembered. */
  readonly record: string;
  /** Whose it is, when that is not who runs this. */
  readonly owner: Owner | undefined;
  argsFor(command: Extract<ScheduleCommand, { action: 'install' }>): readonly string[];
  jobFor(kept: Pick<ScheduleRecord, 'args' | 'every'>): Job;
  /** Whether the scheduler has it going; nobody can tell of GitHub's. */
  isActive(on: Scheduler | undefined): Promise<boolean>;
  /** When the next check is due, ISO 8601; undefined where nobody can tell. */
  nextCheck(on: Scheduler): Promise<string | undefined>;
}

/** What a check needs of this environment; none of it is secret. */
const PASSED_ON = ['XDG_STATE_HOME', 'RUN_PLAYBOOK_LAB'];

export async function schedulePlace(
  { inventory: given }: ScheduleCommand,
  inventory: Inventory,
  world: World,
): Promise<SchedulePlace> {
  const { cwd, env } = world;
  const projectDir = findProject(cwd);
  const person = await personOf(env);
  const home = person === undefined ? env : { ...env, HOME: person.home };
  const state = stateDir(home);
  const inventoryFor = (on: Scheduler, path: string) => (on === 'github' ? relative(projectDir, path) : path);
  const scope = driftScope(inventory, world);
  const name = `${basename(projectDir).replaceAll(/[^A-Za-z0-9]+/g, '-')}-${scope.slice(0, 6)}`;
  const timer = `run-playbook-drift-${name}.timer`;
  return {
    record: scheduleFile(inventory, { cwd, env: home }),
    owner: person,
    argsFor: ({ playbook, metrics, on }) => [
      'drift',
      ...(playbook === undefined ? [] : [playbook]),
      ...(given === undefined ? [] : ['-i', inventoryFor(on, resolve(cwd, given))]),
      // What was told last is not kept from one runner to the next; GitHub tells of jobs that fail.
      ...(on === 'github' ? [] : ['--notify']),
      ...(metrics === undefined ? [] : ['--metrics', resolve(cwd, metrics)]),
    ],
    jobFor: ({ args, every }) => ({
      name,
      project: basename(projectDir),
      projectDir,
      program: [process.execPath, join(packageDir, 'bin', 'run-playbook.js')],
      args,
      every: { minutes: every / 60 },
      user: person?.name,
      environment: Object.fromEntries(
        PASSED_ON.flatMap((variable) => {
          const value = env[variable];
          return value === undefined ? [] : [[variable, value]];
        }),
      ),
      writes: [state, ...metricsFolder(args)],
      mails: mailsSomebody(inventory),
    }),
    async isActive(on) {
      if (on !== 'systemd') {
        return true;
      }
      const { code } = await outputOf('systemctl', ['is-active', '--quiet', timer]);
      return code === 0;
    },
    async nextCheck(on) {
      if (on !== 'systemd') {
        return undefined;
      }
      const { stdout } = await outputOf('systemctl', [
        'show',
        '--property=NextElapseUSecRealtime',
        '--value',
        '--timestamp=unix',
        timer,
      ]);
      const seconds = Number(/^@(\d+)/.exec(stdout)?.[1]);
      return Number.isNaN(seconds) ? undefined : new Date(seconds * 1000).toISOString();
    },
  };
}

interface Person extends Owner {
  readonly name: string;
  readonly home: string;
}

/** Who called sudo; undefined when nobody did. */
async function personOf(env: NodeJS.ProcessEnv): Promise<Person | undefined> {
  const name = env['SUDO_USER'];
  if (name === undefined || name === '' || userInfo().uid !== 0 || name === 'root') {
    return undefined;
  }
  const { code, stdout } = await outputOf('getent', ['passwd', name]);
  const [, , uid = '', gid = '', , home = ''] = stdout.trim().split(':');
  if (code !== 0 || home === '') {
    throw new InvalidInput([
      { what: `SUDO_USER is ${name}, and there is no such user`, hint: 'run it as root without sudo' },
    ]);
  }
  return { name, uid: Number(uid), gid: Number(gid), home };
}

function metricsFolder(args: readonly string[]): readonly string[] {
  const file = args[args.indexOf('--metrics') + 1];
  return args.includes('--metrics') && file !== undefined ? [dirname(file)] : [];
}

function mailsSomebody({ hosts }: Inventory): boolean {
  return [...hosts.values()].some(({ vars }) => {
    const drift = vars.values['drift'] as { readonly notify?: unknown } | undefined;
    const targets = Array.isArray(drift?.notify) ? (drift.notify as readonly unknown[]) : [];
    return targets.some((target) => (target as { readonly kind?: unknown } | null)?.kind === 'mail');
  });
}
