import type { Rule } from 'run-playbook';

/** Names that sections of a configuration use of each other. */
export const referenceRules: readonly Rule[] = [
  {
    code: 'HA176',
    title: 'A name that is declared nowhere',
    level: 'refuse',
    why: `
      A certificate, a backend, an acl, a server or a group is named that does not exist. HAProxy refuses most of
      these, as "unable to find required default_backend"; said here, it comes with the line of the inventory,
      and for all hosts at once.`,
    fix: `
      Correct the name, or declare what is missing:

        haproxy:
          frontends:
            http-in:
              default_backend: servers
          backends:
            servers: {}`,
  },
  {
    code: 'HA177',
    title: 'A frontend that sends requests nowhere',
    level: 'refuse',
    why: `
      A frontend without default_backend takes the only backend there is. There are several, or none, and no
      rule says where requests go: each would be answered with 503.

      With redirect_https clients are sent to the port where this HAProxy speaks TLS; without such a bind there
      is none.`,
    fix: `
      Name the backend:

        haproxy:
          frontends:
            http-in:
              default_backend: servers

      And give the redirect a place to go to:

        haproxy:
          frontends:
            http-in: { bind: ['*:8000'], redirect_https: true }
            https-in: { bind: [{ port: 443, tls: { certificate: site } }] }`,
  },
  {
    code: 'HA178',
    title: 'A name that is given twice',
    level: 'refuse',
    why: `
      A listen section is frontend and backend in one, so that it shares their names; and servers of one backend
      are told apart by name only. HAProxy refuses the second one.`,
    fix: `
      Give each a name of its own:

        haproxy:
          backends:
            servers:
              servers:
                hosts:
                  - { name: old1, address: 192.0.2.21, port: 80 }
                  - { name: old2, address: 192.0.2.22, port: 80 }`,
  },
  {
    code: 'HA179',
    title: 'A backend without servers',
    level: 'refuse',
    why: `
      HAProxy takes a backend without servers for valid, and answers each of its requests with 503.`,
    fix: `
      Leave servers out, and the hosts of the playbook serve; or list some:

        haproxy:
          backends:
            servers:
              servers:
                hosts:
                  - { name: app1, address: 192.0.2.21, port: 8080 }`,
  },
  {
    code: 'HA180',
    title: 'A secret that is not what it should be',
    level: 'refuse',
    why: `
      A certificate has to be the text of a PEM file, and a password of a userlist a hash. HAProxy refuses the
      first, and takes a plain password for a hash that nothing matches: nobody can log in. The value itself is
      not shown, it is a secret.`,
    fix: `
      A PEM file in .env stands between double quotes, with its line breaks. A hash is made by openssl passwd -6:

        haproxy:
          certificates:
            site: \${SITE_PEM}
          userlists:
            staff:
              anna: \${ANNA_HASH}`,
  },
];
