import type { Rule } from 'run-playbook';

/** How HAProxy serves, once it runs. */
export const serviceRules: readonly Rule[] = [
  {
    code: 'HA181',
    title: 'A backend that leaves out hosts of the group',
    level: 'warn',
    why: `
      The backend sends requests to some hosts of the playbook and not to all. The ones that are left out run
      nginx and HAProxy, and their nginx gets no request: half of the capacity is idle, and when the listed hosts
      fail there is nobody left, with a healthy server beside.

      With every host in the backend an nginx that is stopped or killed costs nothing: 0 requests lost at 100 a
      second, where a VIP that follows nginx lost 215 to 287 (HAProxy 2.6.12, nginx 1.22.1).`,
    fix: `
      Leave the list out, and every host of the playbook is a server, with the port of its nginx:

        haproxy:
          backends:
            servers: {}

      A host that is to serve only when no other does can stay in as a backup:

        haproxy:
          backends:
            servers:
              servers:
                backup: [svr2]`,
  },
  {
    code: 'HA182',
    title: 'Statistics or control are open to the network',
    level: 'warn',
    why: `
      The statistics page names every server, its address and its state, and with "stats admin" it takes servers
      out; the Prometheus exporter tells the same; the admin socket stops frontends. On an address that others
      reach, and without a password, everybody may.

      "stats auth" and "http-request auth" ask for a password, the first one for the page only; a rule that refuses
      everybody but some addresses is as good ("http-request deny unless { src 10.0.0.0/8 }"). Refusing one path is
      not.

      The role has all of it on 127.0.0.1 already: /stats and /metrics on port 8404, the socket at
      /run/haproxy/admin.sock for root and haproxy.`,
    fix: `
      Take it off the public frontend, and reach the local one through SSH (ssh -L 8404:127.0.0.1:8404 svr1). Or
      ask for a password:

        haproxy:
          listen:
            stats:
              bind: ['*:9000']
              raw:
                - stats enable
                - stats uri /
                - stats auth admin:\${STATS_PASSWORD}`,
  },
  {
    code: 'HA183',
    title: 'More connections than the host has files for',
    level: 'warn',
    why: `
      Each connection that is passed on takes two file descriptors, the client's and the server's, and HAProxy
      wants 2 x maxconn and about 40 for itself. A hard limit below that is not seen by haproxy -c. Measured with
      maxconn 60000, which wants 120040, and a limit of 20000 (HAProxy 2.6.12): without "no strict-limits"
      HAProxy does not start, "Cannot raise FD limit to 120040"; with it, which is the role's way, it starts and
      stays at the limit.

      It serves then, but not as many clients as it believes: maxconn no longer protects it, and beyond half the
      limit new connections cannot be opened, so that clients wait and servers look down.`,
    fix: `
      Raise the limit, where the machine allows it (the least of the unit's LimitNOFILE, fs.nr_open, and the hard
      limit of PID 1, which a container gets from its host):

        haproxy:
          systemd: ['LimitNOFILE=130000']

      A process keeps the limit that it was started with, and the warning stays until it is started again, the
      standby first:

        systemctl restart haproxy

      Or take as many connections as there are files for, (limit - 100) / 2:

        haproxy:
          global:
            maxconn: 9950`,
  },
];
