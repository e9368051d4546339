import type { Rule } from 'run-playbook';

/** When the virtual IP moves, and when it cannot. */
export const moveRules: readonly Rule[] = [
  {
    code: 'HA101',
    title: 'nopreempt with state MASTER',
    level: 'refuse',
    why: `
      nopreempt works only on hosts that start as BACKUP. On one that starts as MASTER keepalived clears it, with
      a warning in the journal and nothing else (keepalived 2.2.7). With MASTER on one host and BACKUP on the
      other, as configurations typed by hand have it, one of them takes the virtual IP back whenever it returns,
      and the other one does not: each such move costs the connections that are open.`,
    fix: `
      Leave state out, so that every host starts as BACKUP; the one of higher priority becomes the holder all the
      same. If the virtual IP is to return to the preferred host, say that instead:

        keepalived:
          preempt: true
          preempt_delay: 5`,
  },
  {
    code: 'HA102',
    title: 'nopreempt with a weight: the virtual IP never moves',
    level: 'refuse',
    why: `
      A check with a weight changes the host's priority. With nopreempt a higher priority is no reason to take
      the virtual IP from a holder that is alive, so that it stays where the check fails. Measured with weight 50
      and with negative weights, on a pair of BACKUP and BACKUP, and of MASTER and BACKUP: the check failed, and
      the virtual IP stayed (keepalived 2.2.7). A host whose service is dead goes on holding it.

      With weight 0 a failing check is a fault: the host may not hold the virtual IP at all, and the other one
      takes it, preempt or not. nginx stopped: 0.02 s without answer; a hanging one: 2.4 s.`,
    fix: `
      Leave the weight out:

        keepalived:
          checks:
            check_nginx: {}

      Or, if checks are to be weighed against each other, let priorities decide:

        keepalived:
          preempt: true
          checks:
            check_nginx: { weight: -10 }`,
  },
  {
    code: 'HA103',
    title: 'A weight that can never move the virtual IP',
    level: 'refuse',
    why: `
      When the check fails on the preferred host, its priority must fall below that of a host whose checks pass.
      Here it does not: the weight is not above the difference of the priorities. Equal is not enough either,
      then the higher IP address decides. The service is dead, and the virtual IP stays.

      Effective priorities are cut at 1 and 254, so that a positive weight on a priority near 254 adds nothing.`,
    fix: `
      Use a weight beyond the difference of the priorities; those that the role derives are one apart:

        keepalived:
          preempt: true
          checks:
            check_nginx: { weight: -10 }

      Or leave it out: weight 0 moves the virtual IP whatever the priorities are.`,
  },
  {
    code: 'HA104',
    title: 'Weights that move the virtual IP while every check passes',
    level: 'refuse',
    why: `
      A positive weight is added as long as the check passes. Together with the priorities these weights put
      another host first than the priorities alone, or two hosts level, though nothing is wrong: the virtual IP
      leaves the preferred host at once, and returns to it when a check of the other one fails.

      It happens when a check stands on one host only, and when priorities are so high that the sum is cut at
      254: 254 + 50 and 253 + 50 are both 254, and then the higher IP address decides.`,
    fix: `
      Use negative weights, which count only when a check fails, and declare checks for the whole group:

        keepalived:
          preempt: true
          checks:
            check_nginx: { weight: -10 }`,
  },
  {
    code: 'HA113',
    title: 'Two hosts have the same priority',
    level: 'refuse',
    why: `
      At equal priority the higher IP address wins, and both hosts wait equally long for a holder that is gone:
      both may take the virtual IP in the same moment, until one of them hears the other.`,
    fix: `
      Leave priority out: it is derived, 254 for the first host of the inventory, 253 for the second. Or give
      each host its own, in host_vars/svr1.yml and host_vars/svr2.yml:

        keepalived:
          priority: 151`,
  },
  {
    code: 'HA117',
    title: 'A preempt_delay that keepalived clears',
    level: 'refuse',
    why: `
      The delay is how long a returning host of higher priority waits before it takes the virtual IP back.
      Without preempt it never does, and with state MASTER it does at once: in both cases keepalived clears the
      value with a warning, and keepalived -t fails with 5 (2.2.7).`,
    fix: `
      Remove it, or let the virtual IP return, with state left out:

        keepalived:
          preempt: true
          preempt_delay: 5`,
  },
];
