import * as v from 'valibot';
import { playbook, role } from '../../src/core/role.ts';
import { port, secret, whole } from '../../src/core/vars.ts';

/** A role with one variable of every shape. */
export const nginx = role({
  name: 'nginx',
  description: 'a web server',
  vars: v.strictObject({
    port: v.optional(v.pipe(port(), v.description('port nginx listens on')), 80),
    gzip: v.optional(v.boolean(), true),
    password: v.optional(secret()),
    log: v.optional(v.union([v.strictObject({ file: v.string() }), v.literal('off')]), 'off'),
    sites: v.optional(
      v.record(
        v.string(),
        v.strictObject({ listen: v.array(port()), mode: v.optional(v.picklist(['http', 'tcp'])) }),
      ),
      {},
    ),
  }),
  resources: () => [],
  rules: [
    {
      code: 'WEB1',
      title: "a site on nginx's own port",
      level: 'refuse',
      why: 'Two servers would listen there.',
      fix: 'Choose another port.',
    },
  ],
  objections: ({ vars }) =>
    Object.entries(vars.sites)
      .filter(([, site]) => site.listen.includes(vars.port))
      .map(([name]) => ({
        rule: 'WEB1',
        path: `nginx.sites.${name}.listen`,
        what: `${vars.port} is nginx's own port`,
        hint: 'choose another port',
      })),
});

/** A role with a variable that has no default. */
export const keepalived = role({
  name: 'keepalived',
  description: 'a shared address',
  vars: v.strictObject({
    id: whole({ min: 1, max: 255, what: 'a router id (1-255)' }),
    track: v.optional(v.string()),
  }),
  resources: () => [],
});

export const web = playbook({ name: 'web', description: 'web servers', hosts: 'web', roles: [nginx] });

export const pair = playbook({
  name: 'pair',
  description: 'web servers with a shared address',
  hosts: 'web',
  roles: [nginx, keepalived],
  vars: { keepalived: { track: 'nginx' } },
});
