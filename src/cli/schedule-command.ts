import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT, HostFailed, type ExitCode } from '../core/error.ts';
import type { SchedulePlan, ScheduleRecord } from '../core/schedule.ts';
import type { Secret } from '../core/secret.ts';
import { inkFor, mediumOf, type Ink } from '../report/ink.ts';
import { scheduleStatusText, schedulePlanText } from '../report/schedule-text.ts';
import { carryOut, giveTo } from '../schedule/carry-out.ts';
import { parseInterval } from '../schedule/interval.ts';
import { isNothing, planInstall, planRemove } from '../schedule/plan.ts';
import { readSchedule, recordFile } from '../schedule/record.ts';
import { scheduleOf, type Schedule } from '../schedule/schedule.ts';
import type { ScheduleCommand } from './command.ts';
import { ask, isPersonThere } from './confirm.ts';
import { failLooking } from './in-reach.ts';
import { inventoryOf } from './run-command.ts';
import { schedulePlace, type SchedulePlace } from './schedule-place.ts';
import type { World } from './world.ts';

/** Has drift checks made at intervals, shows whether they are, or ends it. */
export async function scheduleCommand(command: ScheduleCommand, world: World): Promise<number> {
  const isJson = command.action === 'status' && command.json;
  try {
    const inventory = await inventoryOf({ ...command, extraVars: [] }, world);
    const place = await schedulePlace(command, inventory, world);
    const site = { place, world, secrets: inventory.secrets };
    switch (command.action) {
      case 'install':
        return await install(command, site);
      case 'status':
        return await show(command, site);
      case 'remove':
        return await remove(command, site);
    }
  } catch (error) {
    return failLooking(error, isJson, world);
  }
}

interface Site {
  readonly place: SchedulePlace;
  readonly world: World;
  readonly secrets: readonly Secret[];
}

async function install(
  command: Extract<ScheduleCommand, { action: 'install' }>,
  site: Site,
): Promise<ExitCode> {
  const { place } = site;
  const every = parseInterval(command.every);
  const before = await readSchedule(place.record);
  const args = place.argsFor(command);
  const kept: ScheduleRecord = {
    version: 1,
    on: command.on,
    every: every.minutes * 60,
    ...(command.playbook !== undefined && { playbook: command.playbook }),
    args: [...args],
    installedAt: new Date().toISOString(),
  };
  const isSame = before !== undefined && sameSchedule(before, kept);
  const schedule = scheduleOf(command.on, place.jobFor(kept));
  const old =
    before === undefined || before.on === command.on
      ? undefined
      : scheduleOf(before.on, place.jobFor(before));
  const removal = old === undefined ? undefined : await planRemove(old, await place.isActive(before?.on));
  const plan = await planInstall(
    { ...schedule, files: [...schedule.files, recordFile(place.record, isSame ? before : kept)] },
    await place.isActive(command.on),
  );
  return apply(joined(removal, plan), {
    ...site,
    yes: command.yes,
    done: `drift is checked every ${command.every}`,
  });
}

function sameSchedule(one: ScheduleRecord, other: ScheduleRecord): boolean {
  return JSON.stringify({ ...one, installedAt: '' }) === JSON.stringify({ ...other, installedAt: '' });
}

/** Another scheduler's files go before these come: nothing is checked twice. */
function joined(first: SchedulePlan | undefined, second: SchedulePlan): SchedulePlan {
  return first === undefined
    ? second
    : {
        before: [...first.before, ...second.before],
        files: [...first.files, ...second.files],
        after: [...first.after, ...second.after],
      };
}

async function remove(
  command: Extract<ScheduleCommand, { action: 'remove' }>,
  site: Site,
): Promise<ExitCode> {
  const { place } = site;
  const kept = await readSchedule(place.record);
  if (kept === undefined) {
    site.world.stdout.write('nothing is scheduled for these hosts from here\n');
    return EXIT.converged;
  }
  const schedule = scheduleOf(kept.on, place.jobFor(kept));
  const files = [...schedule.files, recordFile(place.record, kept)];
  const plan = await planRemove({ ...schedule, files }, await place.isActive(kept.on));
  return apply(plan, { ...site, yes: command.yes, done: 'drift is no longer checked by itself' });
}

async function apply(
  plan: SchedulePlan,
  { place, world, secrets, yes, done }: Site & { readonly yes: boolean; readonly done: string },
): Promise<ExitCode> {
  const ink = inkFor(mediumOf(world.stdout, world.env), secrets);
  if (isNothing(plan)) {
    world.stdout.write(`nothing to change: ${done} already\n`);
    return EXIT.converged;
  }
  world.stdout.write(schedulePlanText(plan, ink));
  if (!yes && isPersonThere(world)) {
    const isWanted = await ask('Do that?', world, new AbortController().signal);
    if (!isWanted) {
      return EXIT.interrupted;
    }
  }
  await mkdir(dirname(place.record), { recursive: true, mode: 0o700 });
  await carryOut(plan);
  if (
    place.owner !== undefined &&
    plan.files.some(({ path, after }) => path === place.record && after !== undefined)
  ) {
    await giveTo(place.record, place.owner);
  }
  world.stdout.write(`${ink.green(ink.symbols.yes)} ${done}\n`);
  return EXIT.converged;
}

async function show(
  { json }: Extract<ScheduleCommand, { action: 'status' }>,
  { place, world, secrets }: Site,
): Promise<ExitCode> {
  const kept = await readSchedule(place.record);
  const ink = inkFor(mediumOf(world.stdout, world.env), secrets);
  if (kept === undefined) {
    throw new HostFailed({
      what: 'nothing is scheduled for these hosts from here',
      hint: 'run-playbook schedule install --every 15m',
    });
  }
  const schedule: Schedule = scheduleOf(kept.on, place.jobFor(kept));
  const plan = await planInstall(schedule, await place.isActive(kept.on));
  const next = await place.nextCheck(kept.on);
  const exit = isNothing(plan) ? EXIT.converged : EXIT.changesPending;
  await print({ kept, plan, next, exit }, { json, ink, world });
  return exit;
}

interface Shown {
  readonly kept: ScheduleRecord;
  readonly plan: SchedulePlan;
  readonly next: string | undefined;
  readonly exit: ExitCode;
}

async function print(
  { kept, plan, next, exit }: Shown,
  { json, ink, world }: { readonly json: boolean; readonly ink: Ink; readonly world: World },
): Promise<void> {
  if (json) {
    const { printedDocument } = await import('../report/document.ts');
    const differing = plan.files.map(({ path }) => path);
    const { version: _version, ...schedule } = kept;
    const document = { version: 1, exit, ...schedule, ...(next !== undefined && { next }), differing };
    world.stdout.write(printedDocument(document, ink.masked));
  } else {
    world.stdout.write(scheduleStatusText({ ...kept, next, differs: plan }, ink));
  }
}
