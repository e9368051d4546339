import type { Cluster } from 'run-playbook';
import type { KeepalivedVars } from './vars.ts';

const HIGHEST = 254;

/** The host each virtual IP belongs to in `vip_mode: dual`, in the order of `vips`. */
export function ownersOf({ vips }: KeepalivedVars, { hosts }: Cluster): readonly string[] {
  return vips.map(({ owner }, index) => owner ?? hosts[index % hosts.length]?.name ?? '');
}

/** In `vip_mode: single`: the first host of the inventory is preferred at the first start. */
export function priorityOf({ vars }: { readonly vars: KeepalivedVars }, index: number): number {
  return vars.priority ?? HIGHEST - index;
}

/**
 * A host's priority for each virtual IP. High numbers keep the take-over delay at milliseconds.
 *
 * In `vip_mode: dual` the owner comes first, the others follow in inventory order.
 */
export function prioritiesOf(vars: KeepalivedVars, host: string, cluster: Cluster): readonly number[] {
  const names = cluster.hosts.map(({ name }) => name);
  if (vars.vip_mode === 'single') {
    return vars.vips.map(() => priorityOf({ vars }, names.indexOf(host)));
  }
  return ownersOf(vars, cluster).map((owner) => {
    const order = [owner, ...names.filter((name) => name !== owner)];
    return HIGHEST - order.indexOf(host);
  });
}

/** Whether a virtual IP returns to the host of highest priority, and after how many seconds. */
export function preemptionOf({ vip_mode: mode, preempt, preempt_delay: delay }: KeepalivedVars) {
  const isDual = mode === 'dual';
  return { preempt: preempt ?? isDual, preempt_delay: delay ?? (isDual ? 5 : undefined) };
}
