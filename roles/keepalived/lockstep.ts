import { digestOf, type Lockstep, type Seen } from 'run-playbook';

/**
 * What two keepalived of one cluster must agree on: with another version, router id or password each takes
 * the other for dead, and both hold the address (measured: VRRP 2 beside 3 = the VIP on both).
 */
export function agreement(configuration: string): string {
  const text = configuration.replaceAll(/[#!].*$/gm, '');
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  return [
    `VRRP ${all(/\bvrrp_version\s+(\d)/g)[0] ?? '2'}`,
    `router ids ${all(/\bvirtual_router_id\s+(\d+)/g)
      .toSorted()
      .join(' ')}`,
    `password ${digestOf(all(/\bauth_pass\s+(\S+)/g))}`,
    /\bunicast_peer\b/.test(text) ? 'unicast' : 'multicast',
  ].join(', ');
}

/** The agreement as a service's lockstep. */
export function lockstepOf(onDisk: (seen: Seen) => string, wanted: Lockstep['wanted']): Lockstep {
  return { onDisk: (seen) => agreement(onDisk(seen)), wanted };
}
