import {
  role,
  type Cluster,
  type ClusterHost,
  type Fault,
  type FaultLimits,
  type LabFault,
} from 'run-playbook';
import type { HaproxyVars } from '../haproxy/vars.ts';
import { defaultLimits } from './limits.ts';
import { DESCRIPTIONS, FAULT_NAMES, type FaultName } from './names.ts';
import { heldEverywhere, linkDown, partition } from './network-faults.ts';
import { oneMac } from './one-mac.ts';
import { reboot } from './reboot.ts';
import { byPriority, keepalivedOf, segmentOf, type Segment } from './segment.ts';
import { hangUnit, killUnit, stopUnit } from './unit-faults.ts';
import { vars, type DrillVars } from './vars.ts';

/** Declares nothing on a host: what `run-playbook drill` breaks, and what clients may notice of it. */
export default role({
  name: 'drill',
  description:
    'What run-playbook drill does to the hosts, and what clients may notice of it. Changes nothing.',
  vars,
  resources: () => [],
  faults,
});

/** How a fault is done, and for how long; `whole` is the variable that says how long its repair may take. */
type Way = Pick<Fault, 'means' | 'lastsMs'> &
  Partial<Fault> & { readonly whole?: 'whole_within' | 'reboot_within' };

function faults(cluster: Cluster): readonly Fault[] {
  const [host] = cluster.hosts;
  const options = host?.vars.get('drill') as DrillVars | undefined;
  if (options === undefined) {
    return [];
  }
  const segment = segmentOf(cluster);
  const ways = waysOf(cluster, segment);
  const isProxied = runsHaproxy(host);
  const ports = isProxied ? frontendPorts(host) : undefined;
  return FAULT_NAMES.flatMap((name): readonly Fault[] => {
    const way = ways[name];
    if (way === undefined) {
      return [];
    }
    const { whole = 'whole_within', ...rest } = way;
    return [
      {
        name,
        description: DESCRIPTIONS[name],
        on: 'one host',
        perSecond: options.rate,
        wholeWithinMs: options[whole] * 1000,
        limits: limitsOf(name, options, () => defaultLimits(name, { rate: options.rate, isProxied, host })),
        afterwards: oneMac(segment),
        ...(ports !== undefined && { ports }),
        ...rest,
      },
    ];
  });
}

function waysOf(cluster: Cluster, segment: Segment): Partial<Record<FaultName, Way>> {
  const [host] = cluster.hosts;
  const isMulticast = keepalivedOf(host)?.unicast === false;
  return {
    ...(host?.vars.has('nginx') === true && unitWays('nginx')),
    ...(runsHaproxy(host) && unitWays('haproxy')),
    ...(keepalivedOf(host) !== undefined && {
      'stop-keepalived': { means: stopUnit('keepalived.service'), lastsMs: 5000 },
      'kill-keepalived': { means: killUnit('keepalived.service'), lastsMs: 0 },
      'partition-and-heal': {
        means: partition(segment),
        lastsMs: 5000,
        on: 'every host',
        repairOrder: byPriority(cluster),
        meanwhile: [heldEverywhere(segment)],
        ...(isMulticast && {
          refusal: 'keepalived talks by multicast here (keepalived.unicast: false), only unicast can be cut',
        }),
      },
    }),
    'link-down': { means: linkDown(segment, 5000), lastsMs: 5000 },
    freeze: lab('freeze'),
    reboot: { means: reboot(), lastsMs: 0, whole: 'reboot_within' },
    'power-loss': lab('power-loss'),
  };
}

function lab(deed: LabFault['deed']): Way {
  return { means: { by: 'lab', deed }, lastsMs: 5000 };
}

function unitWays<const N extends 'nginx' | 'haproxy'>(name: N): Partial<Record<FaultName, Way>> {
  const unit = `${name}.service`;
  return {
    [`stop-${name}`]: { means: stopUnit(unit), lastsMs: 5000 },
    [`kill-${name}`]: { means: killUnit(unit), lastsMs: 0 },
    // Longer than it may take to be noticed, or the end of the hang would be taken for its repair.
    [`hang-${name}`]: { means: hangUnit(unit), lastsMs: 8000 },
  };
}

function limitsOf(name: FaultName, { limits }: DrillVars, defaults: () => FaultLimits): FaultLimits {
  const own = limits[name];
  return own === undefined
    ? defaults()
    : {
        ...(own.lost !== undefined && { lost: own.lost }),
        ...(own.outage_ms !== undefined && { outageMs: own.outage_ms }),
      };
}

function haproxyOf(host: ClusterHost | undefined): HaproxyVars | undefined {
  return host?.vars.get('haproxy') as HaproxyVars | undefined;
}

function runsHaproxy(host: ClusterHost | undefined): boolean {
  return haproxyOf(host)?.state === 'running';
}

function frontendPorts(host: ClusterHost | undefined): readonly number[] {
  const { frontends = {}, listen = {} } = haproxyOf(host) ?? {};
  const sections = [...Object.values(frontends), ...Object.values(listen)];
  return [...new Set(sections.flatMap(({ bind }) => bind.map(({ port }) => port)))];
}
