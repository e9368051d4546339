import type { Rule } from 'run-playbook';

/** What the virtual IP follows. */
export const watchingRules: readonly Rule[] = [
  {
    code: 'HA120',
    title: 'Nothing that is watched moves the virtual IP',
    level: 'warn',
    why: `
      Without a tracked service and without a check the virtual IP leaves a host only when the host itself, its
      network or its keepalived fails. A service that is stopped, killed or hung on the holder is an outage until
      somebody notices.`,
    fix: `
      Track the service that answers at the virtual IP, and check what tracking cannot see:

        keepalived:
          track: [nginx]
          checks:
            check_nginx: {}`,
  },
  {
    code: 'HA121',
    title: 'The virtual IP follows nginx, and HAProxy serves it',
    level: 'warn',
    why: `
      HAProxy sends requests to the nginx of every host, and a dead one is its business: it takes the other. If
      the virtual IP follows nginx as well, it moves without need when an nginx dies. Measured at 100 requests a
      second, nginx stopped or killed (keepalived 2.2.7, HAProxy 2.6.12): the virtual IP following nginx, 215 to
      287 requests lost; following HAProxy alone, 0 lost, and it stays where it is.

      If clients use a port of nginx's own at the virtual IP too, and it matters more than those of HAProxy, this
      may be what you want.`,
    fix: `
      Leave it to the playbook phase2, or:

        keepalived:
          track: [haproxy]
          checks:
            check_haproxy: {}

      A check that the playbook declares and that is not wanted is removed where it is declared.`,
  },
  {
    code: 'HA122',
    title: 'HAProxy serves the virtual IP, and nothing watches it',
    level: 'refuse',
    why: `
      When HAProxy is stopped or hangs on the holder, clients get no answer until somebody notices: measured, an
      endless outage. Tracked and checked: stopped, 0 to 1 request lost; killed, 2 to 3; hung, 2.1 s without
      answer (keepalived 2.2.7, HAProxy 2.6.12, 100 requests a second).`,
    fix: `
      Leave it to the playbook phase2, or:

        keepalived:
          track: [haproxy]
          checks:
            check_haproxy: {}`,
  },
  {
    code: 'HA123',
    title: 'A tracked service that never says that it runs',
    level: 'refuse',
    why: `
      keepalived reads /run/ha-track/SERVICE: 0 it runs, 1 it does not. The service's own unit writes it, and does
      so only with vip_follows. Without, or with a service that is not to run at all, the file says 1 after the
      next boot, and no host may hold the virtual IP.`,
    fix: `
      Let the unit write it:

        nginx:
          vip_follows: true

      Or do not track the service:

        keepalived:
          track: []`,
  },
  {
    code: 'HA124',
    title: 'A check whose script nobody writes',
    level: 'refuse',
    why: `
      A check without script runs the script of the same name that the check_script role writes, and there is
      none. keepalived -t is content with a missing script; the check then fails always, and no host may hold the
      virtual IP.`,
    fix: `
      Declare the check under the same name, or name a script of your own:

        check_script:
          checks:
            check_app: { kind: http, port: 8080, path: /healthz }
        keepalived:
          checks:
            check_app: {}`,
  },
  {
    code: 'HA125',
    title: 'A check that a hung service passes',
    level: 'warn',
    why: `
      A process that hangs still exists, and the kernel still accepts connections for it. Measured with a check
      for the process: nginx hung, and the outage was endless; with one that waits for an HTTP answer it was
      2.4 s (keepalived 2.2.7, nginx 1.22.1).`,
    fix: `
      Ask for an answer:

        check_script:
          checks:
            check_nginx: { kind: http, service: nginx }`,
  },
  {
    code: 'HA126',
    title: 'A check that is cut off before its own deadline',
    level: 'warn',
    why: `
      keepalived ends a script after its timeout, in whole seconds, and counts that as a failure. A script that
      is willing to wait longer never comes to say why, and an answer that it would have taken is none.`,
    fix: `
      Let the script give up first:

        check_script:
          checks:
            check_nginx: { kind: http, service: nginx, timeout_ms: 800 }
        keepalived:
          checks:
            check_nginx: { timeout: 1 }`,
  },
];
