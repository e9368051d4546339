import type { Query, Seen } from '../core/query.ts';
import { unitFilesOf } from '../queries/unit-files.ts';
import { unitNamed, type UnitState } from '../queries/unit.ts';
import { unitDigests, type LastApplied } from '../stages/applied.ts';
import type { Member } from '../stages/assemble.ts';
import { finding, type Sighting } from './findings.ts';

/** Started this lately by systemd itself, a service may be about to do so again and again. */
const RECENT_MS = 15_000;
/** Long enough for a service that dies as soon as it is started to do so twice; keepalived waits a second between. */
const LOOP_MS = 4_000;
/** So many restarts since somebody started it, and one more just now, are no accident. */
const MANY = 5;

export function unitQueries({ declared }: Member): readonly Query<unknown>[] {
  return unitsOf(declared).flatMap(({ unit }) => [unitNamed(unit), unitFilesOf(unit)]);
}

/**
 * What is wrong with the units of a host's services, besides what the plan finds: they are started over and over, or
 * what they are made of has changed since the last run.
 *
 * @param before what the host answered at the reading before
 */
export function unitFindings(
  { host, declared }: Member,
  {
    seen,
    before,
    last,
  }: { readonly seen: Seen; readonly before?: Seen | undefined; readonly last?: LastApplied | undefined },
): readonly Sighting[] {
  const files = new Set(
    declared.flatMap(({ reads }) =>
      Object.values(reads).flatMap(({ family, key }) => (family.name === 'file' ? [key] : [])),
    ),
  );
  return unitsOf(declared).flatMap(({ unit, role }) => {
    const made = seen.answer(unitFilesOf(unit));
    const state = seen.answer(unitNamed(unit));
    const about = { host, role } as const;
    const edited = last?.units === undefined ? [] : unitDigests(made, last.digest);
    return [
      ...(isLooping(state, made.startedMsAgo, before?.answer(unitNamed(unit)))
        ? [
            finding({
              ...about,
              item: unit,
              class: 'service' as const,
              severity: 'degraded' as const,
              found: `started again and again by systemd (${state.restarts} times)`,
              expected: 'running',
              hint: `journalctl -u ${unit} -n 50 on ${host} tells why`,
              settlesMs: LOOP_MS,
            }),
          ]
        : []),
      ...edited
        .filter(([path, digest]) => !files.has(path) && last?.units?.[path] !== digest)
        .map(([path]) =>
          finding({
            ...about,
            item: path,
            class: 'unit' as const,
            severity: 'drift' as const,
            found:
              last?.units?.[path] === undefined ? 'added since the last run' : 'edited since the last run',
            expected: 'as the last run left it',
            hint: `systemctl cat ${unit} shows what it is made of`,
          }),
        ),
      ...(made.isProgramReplaced
        ? [
            finding({
              ...about,
              item: `${unit} program`,
              class: 'service' as const,
              severity: 'drift' as const,
              found: 'replaced since it was started',
              expected: 'the one that runs',
              hint: `it runs the old one until it is restarted: systemctl restart ${unit}, the standby first`,
            }),
          ]
        : []),
    ];
  });
}

function unitsOf(declared: Member['declared']) {
  return declared.flatMap(({ runs, role }) => (runs === undefined ? [] : [{ unit: runs, role }]));
}

/** Of one reading: whether it may be; of two: whether it is. */
function isLooping(
  { sub, restarts }: UnitState,
  startedMsAgo: number | undefined,
  before: UnitState | undefined,
): boolean {
  const waits = sub === 'auto-restart';
  if (before === undefined) {
    return waits || (restarts > 0 && (startedMsAgo ?? 0) < RECENT_MS);
  }
  const more = restarts - before.restarts;
  return more > 1 || (more > 0 && restarts > MANY) || (waits && before.sub === 'auto-restart');
}
