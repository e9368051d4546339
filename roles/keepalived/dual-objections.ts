import type { Objection, RoleContext } from 'run-playbook';
import { ownersOf } from './owners.ts';
import type { KeepalivedVars } from './vars.ts';

type Context = RoleContext<KeepalivedVars>;

/** What `vip_mode` and the owners of the virtual IPs are held to. */
export function dualObjections(context: Context): readonly Objection[] {
  const { vip_mode: mode } = context.vars;
  const own = mode === 'dual' ? ofDual(context) : ownersWithoutDual(context.vars);
  return [...own, ...differingModes(context), ...differingOwners(context)];
}

function ofDual({ vars, cluster }: Context): readonly Objection[] {
  const names = cluster.hosts.map(({ name }) => name);
  const unknown = vars.vips.flatMap(({ owner }, index) =>
    owner === undefined || names.includes(owner)
      ? []
      : [
          {
            rule: 'HA127',
            path: `keepalived.vips.${index}.owner`,
            what: `is ${owner}, and this cluster has no such host`,
            hint: `one of ${names.join(', ')}`,
          },
        ],
  );
  return [
    ...(vars.vips.length < 2
      ? [
          {
            rule: 'HA127',
            path: 'keepalived.vip_mode',
            what: 'is dual, and there is one virtual IP only',
            hint: 'add one to keepalived.vips, a free address of its own; or set keepalived.vip_mode: single',
          },
        ]
      : []),
    ...(vars.priority === undefined
      ? []
      : [
          {
            rule: 'HA127',
            path: 'keepalived.priority',
            what: 'is one for all virtual IPs, and with vip_mode dual each has its own',
            hint: 'leave it out: it follows from the owners, see keepalived.vips.N.owner',
          },
        ]),
    ...unknown,
  ];
}

function ownersWithoutDual({ vips }: KeepalivedVars): readonly Objection[] {
  return vips.flatMap(({ owner }, index) =>
    owner === undefined
      ? []
      : [
          {
            rule: 'HA127',
            path: `keepalived.vips.${index}.owner`,
            what: 'means nothing with vip_mode single: one host holds every virtual IP',
            hint: 'set keepalived.vip_mode: dual, or leave it out',
          },
        ],
  );
}

function differingModes({ host, vars, peers }: Context): readonly Objection[] {
  return peers.flatMap((peer) => {
    const { vip_mode: other } = peer.vars.get('keepalived') as KeepalivedVars;
    return vars.vip_mode === 'dual' && other !== 'dual'
      ? [
          {
            rule: 'HA128',
            path: 'keepalived.vip_mode',
            what: `is dual on ${host.name} and ${other} on ${peer.name}`,
            hint: 'set it once, for the group of both',
          },
        ]
      : [];
  });
}

/** Two hosts that both come first for one address would take it from each other. */
function differingOwners({ host, vars, cluster, peers }: Context): readonly Objection[] {
  const own = ownersOf(vars, cluster);
  return peers.flatMap((peer) => {
    const theirs = peer.vars.get('keepalived') as KeepalivedVars;
    if (vars.vip_mode !== 'dual' || theirs.vip_mode !== 'dual') {
      return [];
    }
    const others = ownersOf(theirs, cluster);
    return own.flatMap((owner, index) => {
      const other = others[index];
      // Told once, by the first of the two.
      return other === undefined ||
        other === owner ||
        cluster.hosts.indexOf(peer) < cluster.hosts.indexOf(host)
        ? []
        : [
            {
              rule: 'HA128',
              path: `keepalived.vips.${index}.owner`,
              what: `is ${owner} on ${host.name} and ${other} on ${peer.name}`,
              hint: 'set it once, for the group of both',
            },
          ];
    });
  });
}
