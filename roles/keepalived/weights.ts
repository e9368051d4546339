import type { ClusterHost, Objection, RoleContext } from 'run-playbook';
import { preemptionOf, prioritiesOf } from './owners.ts';
import type { KeepalivedVars } from './vars.ts';

type Context = RoleContext<KeepalivedVars>;

/** Weights of checks that do not do what they are for. */
export function weightObjections(context: Context): readonly Objection[] {
  const { vars } = context;
  const weighed = Object.entries(vars.checks).filter(([, { weight }]) => weight !== 0);
  if (!preemptionOf(vars).preempt) {
    return weighed.map(([name, { weight }]) => ({
      rule: 'HA102',
      path: `keepalived.checks.${name}.weight`,
      what: `is ${weight}, and with nopreempt a priority moves nothing`,
      hint: 'leave it out: with weight 0 a host whose check fails may not hold the virtual IP',
    }));
  }
  const found = vars.vips.flatMap((_, vip) => [...tooLight(context, vip), ...alwaysMoving(context, vip)]);
  return distinct(found);
}

/** A failing check leaves the preferred host in front. */
function tooLight({ host, vars, cluster, peers }: Context, vip: number): readonly Objection[] {
  const rivals = peers.map((peer) => effective(peer, cluster, { vip }));
  const rival = Math.max(0, ...rivals);
  // Only who comes first has the address to lose.
  if (peers.length === 0 || effective(host, cluster, { vip }) <= rival) {
    return [];
  }
  return Object.entries(vars.checks).flatMap(([name, { weight }]) => {
    const failed = effective(host, cluster, { vip, failing: name });
    return weight === 0 || failed < rival
      ? []
      : [
          {
            rule: 'HA103',
            path: `keepalived.checks.${name}.weight`,
            what: `is ${weight}: with the check failing ${host.name} has ${failed}, and the next host ${rival}`,
            hint: `set it below ${rival - effective(host, cluster, { vip })}, or leave it out`,
          },
        ];
  });
}

/** With every check passing, another host comes first than by the priorities. */
function alwaysMoving({ host, cluster, peers }: Context, vip: number): readonly Objection[] {
  const base = (one: ClusterHost) => prioritiesOf(varsOn(one), one.name, cluster)[vip] ?? 0;
  const isPreferred = peers.every((peer) => base(peer) < base(host));
  const own = effective(host, cluster, { vip });
  const ahead = peers.find((peer) => effective(peer, cluster, { vip }) >= own);
  return !isPreferred || ahead === undefined
    ? []
    : [
        {
          rule: 'HA104',
          path: 'keepalived.checks',
          what: `while all pass, ${host.name} has ${own} (${base(host)} without weights), and ${ahead.name} ${effective(ahead, cluster, { vip })} (${base(ahead)})`,
          hint: 'use negative weights, the same on all hosts',
        },
      ];
}

/** A host's priority as keepalived reckons it: weights above 0 count while a check passes, others while it fails. */
function effective(
  host: ClusterHost,
  cluster: Context['cluster'],
  { vip, failing }: { readonly vip: number; readonly failing?: string },
): number {
  const vars = varsOn(host);
  const sum = Object.entries(vars.checks).reduce(
    (total, [name, { weight }]) => total + (weight > 0 === (name !== failing) ? weight : 0),
    prioritiesOf(vars, host.name, cluster)[vip] ?? 0,
  );
  return Math.min(254, Math.max(1, sum));
}

/** Two virtual IPs with the same owner have the same to say. */
function distinct(objections: readonly Objection[]): readonly Objection[] {
  return [...new Map(objections.map((objection) => [JSON.stringify(objection), objection])).values()];
}

function varsOn(host: ClusterHost): KeepalivedVars {
  return host.vars.get('keepalived') as KeepalivedVars;
}
