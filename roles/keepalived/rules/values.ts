import type { Rule } from 'run-playbook';

/** Values that keepalived cuts, ignores or refuses. */
export const valueRules: readonly Rule[] = [
  {
    code: 'HA112',
    title: 'advert_int below what short pauses allow',
    level: 'warn',
    why: `
      A holder that pauses for about three intervals is taken for dead, though it only waited for a processor: a
      busy hypervisor, a snapshot, a live migration. The virtual IP then moves without need, and moves again.

      Measured, the time without answer after a power loss, and the shortest pause of keepalived that caused a
      needless move (keepalived 2.2.7):

        advert_int   power loss       needless move after
        1            2.4 s            none up to 1 s
        0.2          0.36 to 0.54 s   not measured
        0.1          0.19 s           300 ms
        0.05         0.04 s           200 ms

      Below 0.1 a tenth of a second is gained, and pauses that every virtual machine has from time to time are
      enough to move the address.`,
    fix: `
      Use the default, or 1 on virtual machines that are over-committed or migrated live:

        keepalived:
          advert_int: 0.2`,
  },
  {
    code: 'HA114',
    title: 'A password with VRRP version 3',
    level: 'refuse',
    why: `
      Version 3 has no passwords: RFC 5798 took them out, because those of version 2 travel in clear with each
      advert and protect from mistakes at most. keepalived -t refuses the combination.

      Instead, adverts that do not come from a peer's address are dropped (vrrp_check_unicast_src).`,
    fix: `
      Remove keepalived.auth. For a pair whose other host still speaks version 2:

        keepalived:
          version: 2
          advert_int: 1
          auth: \${VRRP_PASS}`,
  },
  {
    code: 'HA115',
    title: 'A password that VRRP does not carry as written',
    level: 'refuse',
    why: `
      VRRP sends 8 bytes: keepalived refuses what is longer. And its configuration ends a word at a blank, and a
      line at # or !, without a word about it: "a #b" is taken for "a" (keepalived 2.2.7). Braces end or begin a
      block there, $ and ~ stand for something else. Two hosts whose rest is cut differently drop each other's
      adverts, and both hold the virtual IP.`,
    fix: `
      Up to 8 letters and digits, in .env:

        VRRP_PASS=k3epa1iv`,
  },
  {
    code: 'HA116',
    title: 'Two virtual IPs with one router id',
    level: 'refuse',
    why: `
      Each virtual IP is a VRRP instance of its own, and its router id tells its adverts from those of the others
      on the same interface. keepalived -t refuses the second one.`,
    fix: `
      Leave the ids out, 62 and up are given in order, or give each its own:

        keepalived:
          vips:
            - { address: 172.25.254.130, virtual_router_id: 62 }
            - { address: 172.25.254.140, virtual_router_id: 63 }`,
  },
  {
    code: 'HA118',
    title: 'VRRP version 2 with parts of a second',
    level: 'refuse',
    why: `
      The advert of version 2 has the interval in whole seconds. A dead host is then noticed after 2.4 s at the
      earliest, instead of 0.36 to 0.54 s with version 3 and 0.2.`,
    fix: `
      Version 3, the default; or whole seconds:

        keepalived:
          version: 2
          advert_int: 1`,
  },
  {
    code: 'HA119',
    title: "A virtual IP that is a host's own address",
    level: 'refuse',
    why: `
      The address would be taken from the host it belongs to whenever another one holds it, and with it every SSH
      connection to that host, this tool's too. The peers would send their adverts to whoever holds it.`,
    fix: `
      Take an address of its own for the virtual IP: free, in the network of the hosts, and on none of them:

        keepalived:
          vips:
            - address: 172.25.254.130`,
  },
];
