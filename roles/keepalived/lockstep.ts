import { digestOf, type Lockstep, type Seen } from 'run-playbook';

/**
 * What two keepalived of one cluster must agree on: with another version, router id or password each takes
 * the other for dead, and both hold the address (measured: VRRP 2 beside 3 = the VIP on both). Version 2 also
 * drops adverts of another interval; version 3 learns the interval from them.
 */
export function agreement(configuration: string): string {
  const text = configuration.replaceAll(/[#!].*$/gm, '');
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '').toSorted();
  const version = all(/\bvrrp_version\s+(\d)/g)[0] ?? '2';
  return [
    `VRRP ${version}`,
    `router ids ${all(/\bvirtual_router_id\s+(\d+)/g).join(' ')}`,
    version === '2' ? `interval ${all(/\badvert_int\s+([\d.]+)/g).join(' ')}` : '',
    `password ${digestOf(all(/\bauth_pass\s+(\S+)/g))}`,
    /\bunicast_peer\b/.test(text) ? 'unicast' : 'multicast',
  ].join(', ');
}

/** The agreement as a service's lockstep. */
export function lockstepOf(onDisk: (seen: Seen) => string, wanted: Lockstep['wanted']): Lockstep {
  return { onDisk: (seen) => agreement(onDisk(seen)), wanted };
}
