import type { Objection, RoleContext } from 'run-playbook';
import { priorityOf } from './configuration.ts';
import type { KeepalivedVars } from './vars.ts';

type Context = RoleContext<KeepalivedVars>;

/** What keepalived would refuse, cut or quietly ignore: said before any host is asked. */
export function objections(context: Context): readonly Objection[] {
  return [
    ...equalPriorities(context),
    ...aboutPassword(context.vars),
    ...aboutInstance(context.vars).map(([name, what, hint]) => ({ path: `keepalived.${name}`, what, hint })),
  ];
}

function equalPriorities(context: Context): readonly Objection[] {
  const { cluster, host } = context;
  const priority = priorityOf(context, cluster.hosts.indexOf(host));
  return cluster.hosts
    .filter((other, index) => {
      const vars = other.vars.get('keepalived') as KeepalivedVars;
      return other !== host && priorityOf({ ...context, vars }, index) === priority;
    })
    .map((other) => ({
      path: 'keepalived.priority',
      what: `is ${priority} on ${host.name} and on ${other.name}`,
      hint: 'give each host its own, or leave it out: it is derived',
    }));
}

/** keepalived 2.2.7 takes `a #b` for `a` and says nothing. */
function aboutPassword({ auth, version }: KeepalivedVars): readonly Objection[] {
  const path = 'keepalived.auth';
  const text = auth?.reveal() ?? '';
  return [
    ...(auth !== undefined && version === 3
      ? [
          {
            path,
            what: 'VRRP version 3 has no passwords',
            hint: 'remove it, or set keepalived.version: 2',
          },
        ]
      : []),
    ...(text.length > 8 ? [{ path, what: 'is longer than 8 characters, the most VRRP sends' }] : []),
    ...(/[\s"'#!]/.test(text)
      ? [{ path, what: 'holds a blank, a quote, # or !, which keepalived does not take as part of it' }]
      : []),
  ];
}

function aboutInstance(vars: KeepalivedVars): readonly (readonly [string, string, string])[] {
  const ids = vars.vips.map((vip) => vip.virtual_router_id);
  const rules: readonly (readonly [boolean, string, string, string])[] = [
    [
      new Set(ids).size < ids.length,
      'vips',
      'two virtual IPs have the same virtual_router_id',
      'give each its own',
    ],
    [
      vars.state === 'MASTER' && !vars.preempt,
      'state',
      'MASTER without preempt is cleared by keepalived with a warning',
      'leave it out: BACKUP',
    ],
    [
      vars.preempt_delay !== undefined && !vars.preempt,
      'preempt_delay',
      'is ignored without preempt',
      'set keepalived.preempt: true, or remove it',
    ],
    [
      vars.version === 2 && !Number.isInteger(vars.advert_int),
      'advert_int',
      `is ${vars.advert_int}, and VRRP version 2 knows whole seconds only`,
      'set keepalived.advert_int: 1, or use version 3',
    ],
  ];
  return rules.flatMap(([applies, ...objection]) => (applies ? [objection] : []));
}
