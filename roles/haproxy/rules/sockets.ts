import type { Rule } from 'run-playbook';

/** Where HAProxy listens, and who else does. */
export const socketRules: readonly Rule[] = [
  {
    code: 'HA171',
    title: "A port of HAProxy's is taken by another program",
    level: 'refuse',
    why: `
      Somebody else listens where HAProxy is to: it does not start ("cannot bind socket"), though haproxy -c
      calls the configuration valid.

      It is asked of each host before anything is changed, with ss. nginx and HAProxy are no strangers: a port
      that one of them has now and the other is to have changes hands in the same run.`,
    fix: `
      See whose it is, and stop it for good if it is not wanted:

        systemctl disable --now apache2

      Or take another port:

        haproxy:
          frontends:
            http-in:
              bind: ['*:8001']`,
  },
  {
    code: 'HA172',
    title: 'HAProxy and nginx want the same port',
    level: 'refuse',
    why: `
      Two programs cannot listen on one address and port, and a socket for every address takes the port from all
      others. Whoever comes second does not start; an nginx that runs keeps its old sockets and says nothing.

      On the virtual IP alone HAProxy may have nginx's port: nginx then listens on the host's own address.
      Measured while a pair changed to that, standby first: 1 of 3,803 requests lost (HAProxy 2.6.12, nginx
      1.22.1).`,
    fix: `
      Bind the virtual IP only, and the port can be nginx's:

        haproxy:
          frontends:
            http-in:
              bind: ['vip:80']

      Or take a port that nginx does not have:

        haproxy:
          frontends:
            http-in:
              bind: ['*:8000']`,
  },
  {
    code: 'HA173',
    title: 'HAProxy is to listen twice on one socket',
    level: 'refuse',
    why: `
      HAProxy binds both, and the kernel deals connections out to them at random (SO_REUSEPORT): a request is
      answered by one frontend now and by the other one then.`,
    fix: `
      Give each bind an address and port of its own. The port of the frontend for this host alone can be moved
      as well:

        haproxy:
          local:
            port: 8405`,
  },
  {
    code: 'HA174',
    title: 'HAProxy is to listen on an address that the host never has',
    level: 'refuse',
    why: `
      A bind of "vip" stands for every address of keepalived.vips. Without any the frontend would listen nowhere.

      The own address of another host is never this host's: HAProxy does not start ("cannot bind socket"), though
      haproxy -c calls the configuration valid.`,
    fix: `
      Declare the virtual IP, or bind another address:

        keepalived:
          vips:
            - address: 172.25.254.130

      An address that only one host has is bound in that host's own variables.`,
  },
  {
    code: 'HA175',
    title: 'Two roles set the same kernel setting',
    level: 'refuse',
    why: `
      HAProxy on a virtual IP has to listen there also while another host holds it, so the haproxy role sets
      net.ipv4.ip_nonlocal_bind by itself. keepalived.ip_nonlocal_bind asks for the same file a second time.`,
    fix: `
      Leave keepalived.ip_nonlocal_bind out.`,
  },
];
