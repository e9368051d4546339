import { unitName } from '../core/host-argument.ts';
import { ProbeIncomplete, type Family, type Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** A systemd unit as `systemctl show` tells it (org.freedesktop.systemd1(5)). */
export interface UnitState {
  /** `loaded`, `not-found`, `masked`, `error`, `bad-setting`. */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating`, … */
  readonly active: string;
  readonly sub: string;
  /** `enabled`, `disabled`, `masked`, `masked-runtime`, `static`, …; empty when there is none. */
  readonly unitFile: string;
  /** Where the unit is defined; empty when not found. */
  readonly fragment: string;
  readonly dropIns: readonly string[];
  readonly needsDaemonReload: boolean;
  readonly restarts: number;
}

const PROPERTIES =
  'LoadState,ActiveState,SubState,UnitFileState,FragmentPath,DropInPaths,NeedDaemonReload,NRestarts';

/** All units of a host in one `systemctl show`. */
const units: Family<UnitState> = {
  name: 'unit',
  scripts: (names) => [sh`systemctl show --no-pager -p ${PROPERTIES} -- ${names}`],
  parse([frame], names) {
    const blocks = frame?.stdout.toString('utf8').trim().split('\n\n') ?? [];
    if (frame?.exit !== 0 || blocks.length !== names.length) {
      throw new ProbeIncomplete(
        `systemctl show told of ${blocks.length} units, ${names.length} were asked for`,
      );
    }
    return new Map(names.map((name, index) => [name, parseUnit(blocks[index] ?? '')]));
  },
};

/** The state of one unit. @param name with its suffix: `nginx.service` @throws TypeError it is no name of a unit */
export function unitNamed(name: string): Query<UnitState> {
  return { family: units, key: unitName(name) };
}

function parseUnit(block: string): UnitState {
  const value = new Map(
    block.split('\n').map((line) => {
      const equals = line.indexOf('=');
      return [line.slice(0, equals), line.slice(equals + 1)] as const;
    }),
  );
  return {
    load: value.get('LoadState') ?? '',
    active: value.get('ActiveState') ?? '',
    sub: value.get('SubState') ?? '',
    unitFile: value.get('UnitFileState') ?? '',
    fragment: value.get('FragmentPath') ?? '',
    dropIns: value.get('DropInPaths')?.split(' ').filter(Boolean) ?? [],
    needsDaemonReload: value.get('NeedDaemonReload') === 'yes',
    restarts: Number(value.get('NRestarts') ?? 0),
  };
}
