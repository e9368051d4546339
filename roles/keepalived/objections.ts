import type { Objection, RoleContext } from 'run-playbook';
import { agreementObjections, sourceOf } from './agreement.ts';
import { withoutPrefix } from './configuration.ts';
import { dualObjections } from './dual-objections.ts';
import { preemptionOf, priorityOf } from './owners.ts';
import type { KeepalivedVars } from './vars.ts';
import { watchingObjections } from './watching.ts';
import { weightObjections } from './weights.ts';

type Context = RoleContext<KeepalivedVars>;

/** Of the intervals that were measured, the shortest that survives a pause of 300 ms. */
const FASTEST_S = 0.1;

/** What keepalived would refuse, cut or quietly ignore, and what hosts must agree on: said before any host is asked. */
export function objections(context: Context): readonly Objection[] {
  return [
    ...equalPriorities(context),
    ...aboutPassword(context.vars),
    ...aboutInstance(context.vars),
    ...ownAddresses(context),
    ...agreementObjections(context),
    ...dualObjections(context),
    ...weightObjections(context),
    ...watchingObjections(context),
  ];
}

function equalPriorities(context: Context): readonly Objection[] {
  const { cluster, host } = context;
  const index = cluster.hosts.indexOf(host);
  const priority = priorityOf(context, index);
  // Told once, by the later of the two.
  return cluster.hosts
    .slice(0, index)
    .filter((other, earlier) => {
      const vars = other.vars.get('keepalived') as KeepalivedVars;
      return priorityOf({ vars }, earlier) === priority;
    })
    .map((other) => ({
      rule: 'HA113',
      path: 'keepalived.priority',
      what: `is ${priority}, as on ${other.name}`,
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
            rule: 'HA114',
            path,
            what: 'VRRP version 3 has no passwords',
            hint: 'remove it, or set keepalived.version: 2',
          },
        ]
      : []),
    ...(text.length > 8
      ? [{ rule: 'HA115', path, what: 'is longer than 8 characters, the most VRRP sends' }]
      : []),
    ...(/[^!-~]|["'#!{}\\$~]/.test(text)
      ? [
          {
            rule: 'HA115',
            path,
            what: 'holds a blank, a quote, or one of # ! { } $ ~ \\, which keepalived does not take as part of it',
          },
        ]
      : []),
  ];
}

function aboutInstance(vars: KeepalivedVars): readonly Objection[] {
  const ids = vars.vips.map((vip) => vip.virtual_router_id);
  const { preempt, preempt_delay: delay } = preemptionOf(vars);
  const rules: readonly (readonly [boolean, string, string, string, string])[] = [
    [
      new Set(ids).size < ids.length,
      'HA116',
      'vips',
      'two virtual IPs have the same virtual_router_id',
      'give each its own',
    ],
    [
      vars.state === 'MASTER' && !preempt,
      'HA101',
      'state',
      'MASTER without preempt is cleared by keepalived with a warning',
      'leave it out: BACKUP',
    ],
    [
      vars.preempt_delay !== undefined && !preempt,
      'HA117',
      'preempt_delay',
      'is ignored without preempt',
      'set keepalived.preempt: true, or remove it',
    ],
    [
      vars.state === 'MASTER' && preempt && delay !== undefined,
      'HA117',
      'state',
      `MASTER makes keepalived clear preempt_delay (${delay} s)`,
      'leave it out: BACKUP',
    ],
    [
      vars.version === 2 && !Number.isInteger(vars.advert_int),
      'HA118',
      'advert_int',
      `is ${vars.advert_int}, and VRRP version 2 knows whole seconds only`,
      'set keepalived.advert_int: 1, or use version 3',
    ],
    [
      vars.advert_int < FASTEST_S,
      'HA112',
      'advert_int',
      `is ${vars.advert_int}: a pause of 200 ms is enough to move the virtual IP`,
      'set keepalived.advert_int: 0.2, or 1 on virtual machines',
    ],
  ];
  return rules.flatMap(([applies, rule, name, what, hint]) =>
    applies ? [{ rule, path: `keepalived.${name}`, what, hint }] : [],
  );
}

/** A virtual IP that takes the address of one of the hosts away. */
function ownAddresses({ vars, cluster }: Context): readonly Objection[] {
  return vars.vips.flatMap(({ address }, index) =>
    cluster.hosts
      .filter((host) => [host.address, sourceOf(host)].includes(withoutPrefix(address)))
      .map((host) => ({
        rule: 'HA119',
        path: `keepalived.vips.${index}.address`,
        what: `is ${address}, the own address of ${host.name}`,
        hint: 'take a free address of the same network',
      })),
  );
}
