import { digestOf, type Lockstep, type Seen } from 'run-playbook';

/** A VRRP instance as its peers see it. */
export interface Instance {
  readonly id: number;
  /** Without prefix length. */
  readonly addresses: readonly string[];
}

/**
 * What two keepalived of one cluster must agree on: with another version, router id or password each takes
 * the other for dead, and both hold the address (measured: VRRP 2 beside 3 = the VIP on both). Version 2 also
 * drops adverts of another interval; version 3 learns the interval from them.
 *
 * @param wanted the instances to come. One that is not there yet, and one that goes, disturb nobody: an instance is
 * only told as the file has it when the file has its router id or one of its addresses.
 */
export function agreement(configuration: string, wanted: readonly Instance[]): string {
  const text = withoutComments(configuration);
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '').toSorted();
  const version = all(/\bvrrp_version\s+(\d)/g)[0] ?? '2';
  const present = instancesIn(text);
  const instances = wanted.map((one) => present.find((other) => areRelated(one, other)) ?? one);
  return [
    `VRRP ${version}`,
    ...instances.map(({ id, addresses }) => `router id ${id} for ${addresses.toSorted().join(' ')}`),
    version === '2' ? `interval ${[...new Set(all(/\badvert_int\s+([\d.]+)/g))].join(' ')}` : '',
    `password ${digestOf([...new Set(all(/\bauth_pass\s+(\S+)/g))])}`,
    /\bunicast_peer\b/.test(text) ? 'unicast' : 'multicast',
  ].join(', ');
}

/** The agreement as a service's lockstep. */
export function lockstepOf(
  onDisk: (seen: Seen) => string,
  wanted: Lockstep['wanted'],
  instances: readonly Instance[],
): Lockstep {
  return { onDisk: (seen) => agreement(onDisk(seen), instances), wanted };
}

function areRelated(one: Instance, other: Instance): boolean {
  return one.id === other.id || one.addresses.some((address) => other.addresses.includes(address));
}

function instancesIn(text: string): readonly Instance[] {
  const [, ...blocks] = text.split(/\bvrrp_instance\b/);
  return blocks.map((block) => {
    const [, lines = ''] = /\bvirtual_ipaddress\s*\{([^{}]*)\}/.exec(block) ?? [];
    return {
      id: Number(/\bvirtual_router_id\s+(\d+)/.exec(block)?.[1]),
      addresses: lines
        .split('\n')
        .map((line) => line.trim().split(/[\s/]/)[0] ?? '')
        .filter((address) => address !== ''),
    };
  });
}

function withoutComments(configuration: string): string {
  return configuration.replaceAll(/[#!].*$/gm, '');
}
