import type { Rule } from 'run-playbook';

/** What the check_script role is held to. */
export const rules: readonly Rule[] = [
  {
    code: 'HA151',
    title: 'A composite check of something that is no check',
    level: 'refuse',
    why: `
      A composite check is healthy while all of its checks are. One that does not exist has no script, so that the
      composite fails always; if keepalived runs it, no host may hold the virtual IP.`,
    fix: `
      Declare each check that is named:

        check_script:
          checks:
            web: { kind: http, service: nginx }
            db: { kind: tcp, port: 5432 }
            both: { kind: composite, all: [web, db] }`,
  },
];
