import type { Rule } from 'run-playbook';

/** What the hosts of a cluster must have in common; where they differ, each takes the others for dead. */
export const agreementRules: readonly Rule[] = [
  {
    code: 'HA105',
    title: 'Peers speak different versions of VRRP',
    level: 'refuse',
    why: `
      A host drops adverts of another version, and so takes its peer for dead: both hold the virtual IP. Measured
      with version 2 on one host and 3 on the other: the address was on both, for good (keepalived 2.2.7). Clients
      reach the one or the other, as their ARP tables happen to say.`,
    fix: `
      Set it once, for the group of all hosts; a pair that runs is changed in lockstep, 0 of 2,061 requests were
      lost by that:

        keepalived:
          version: 3`,
  },
  {
    code: 'HA106',
    title: 'Peers use different router ids for one virtual IP',
    level: 'refuse',
    why: `
      The virtual router id says which adverts belong together. With another id on each host none of them hears
      of the other: measured with 62 and 63, the address was on both hosts, and neither journal said a word
      (keepalived 2.2.7).`,
    fix: `
      Declare the virtual IPs once, for the group of all hosts:

        keepalived:
          vips:
            - address: 172.25.254.130
              virtual_router_id: 62`,
  },
  {
    code: 'HA107',
    title: 'Peers have different passwords',
    level: 'refuse',
    why: `
      A host drops adverts with another password, or without one, and so takes its peer for dead. Measured with
      VRRP version 2: the address was on both hosts, "received an invalid passwd!" in the journals (keepalived
      2.2.7).`,
    fix: `
      Set it once, for the group of all hosts, and keep the value in .env:

        keepalived:
          auth: \${VRRP_PASS}`,
  },
  {
    code: 'HA108',
    title: 'Peers have different virtual IPs',
    level: 'refuse',
    why: `
      Adverts name the addresses of their instance, and a host drops those whose addresses are not its own.
      Measured with a second address on one of the hosts: both held the first one, "received an unexpected ip
      number count 2, expected 1!" five times a second (keepalived 2.2.7). With one other address on each host
      each holds its own, and neither moves when its host fails.`,
    fix: `
      Declare the virtual IPs once, for the group of all hosts; for one address on each host there is vip_mode:

        keepalived:
          vip_mode: dual
          vips:
            - address: 172.25.254.130
            - address: 172.25.254.140`,
  },
  {
    code: 'HA109',
    title: 'One host sends unicast adverts, another multicast',
    level: 'refuse',
    why: `
      A host with unicast peers does not join the multicast group, and one without them sends to that group only:
      adverts arrive in one direction at most. Measured: the address was on both hosts, and neither journal said a
      word (keepalived 2.2.7).`,
    fix: `
      Set it once, for the group of all hosts; unicast is the default, and needs no help from the network:

        keepalived:
          unicast: true`,
  },
  {
    code: 'HA110',
    title: 'Two hosts send adverts from one address',
    level: 'refuse',
    why: `
      Adverts can be sent only from an address that the host has. The one that does not have it reports "entering
      FAULT state (src address not configured)" and takes no part (keepalived 2.2.7): the pair is single, and the
      next failure is an outage.`,
    fix: `
      Leave source_address out, and it is the host's address in the inventory. Or give each host its own, in
      host_vars/svr1.yml and host_vars/svr2.yml:

        keepalived:
          source_address: 10.0.0.11`,
  },
  {
    code: 'HA111',
    title: 'Peers with different advert intervals in VRRP version 2',
    level: 'refuse',
    why: `
      Version 2 demands the same interval of all: adverts with another one are dropped. Measured with 1 and 2
      seconds: the address was on both hosts, "advertisement interval mismatch" in the journal (keepalived 2.2.7).
      Version 3 learns the interval from the adverts, there it may differ.`,
    fix: `
      Set it once, for the group of all hosts:

        keepalived:
          version: 2
          advert_int: 1`,
  },
  {
    code: 'HA127',
    title: 'vip_mode and virtual IPs that do not fit together',
    level: 'refuse',
    why: `
      With vip_mode dual every host holds a virtual IP of its own while all are well. That takes two addresses,
      owners that exist, and priorities that follow from the owners: one priority for all addresses would put the
      same host first everywhere.

      Measured with two addresses and crossed priorities: a power loss of one host cost the other's address 0 of
      1,916 requests (keepalived 2.2.7).`,
    fix: `
      Two addresses, no priority; owners only where the order of the inventory is not the wanted one:

        keepalived:
          vip_mode: dual
          vips:
            - { address: 172.25.254.130, owner: svr1 }
            - { address: 172.25.254.140, owner: svr2 }`,
  },
  {
    code: 'HA128',
    title: 'Peers disagree on who owns a virtual IP',
    level: 'refuse',
    why: `
      Two hosts that both come first for one address take it from each other; where nobody comes first, the
      higher IP address decides.`,
    fix: `
      Declare vip_mode and the owners once, for the group of all hosts:

        keepalived:
          vip_mode: dual
          vips:
            - { address: 172.25.254.130, owner: svr1 }
            - { address: 172.25.254.140, owner: svr2 }`,
  },
];
