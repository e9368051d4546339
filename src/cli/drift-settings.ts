import type { IgnoreRule } from '../core/drift.ts';
import type { NotifyTarget } from '../core/notify.ts';
import type { ClusterHost } from '../core/role.ts';
import { canonicalText } from '../core/saved-plan-digest.ts';
import type { MaintenanceWindow } from '../drift/suppress.ts';

/** What the inventory says of drift checks under `drift`, in the shape of roles/drift/vars.ts. */
interface DriftVars {
  readonly ignore: readonly IgnoreRule[];
  readonly maintenance: readonly MaintenanceWindow[];
  /** Whom to tell. */
  readonly notify: readonly NotifyTarget[];
}

/** What need not be reported. What stands at some hosts only is about these, what stands at all is about the cluster too. */
export function driftSettings(cluster: readonly ClusterHost[]): DriftVars {
  const settings = cluster.flatMap(({ name, vars }) => {
    const own = vars.get('drift') as DriftVars | undefined;
    return own === undefined ? [] : [{ name, own }];
  });
  const gathered = <T extends Rule>(rulesOf: (own: DriftVars) => readonly T[]) =>
    distinct(
      settings.flatMap(({ name, own }) =>
        rulesOf(own).map((rule) =>
          isEverywhere(
            rule,
            settings.map((each) => rulesOf(each.own)),
          )
            ? rule
            : { host: name, ...rule },
        ),
      ),
    );
  return {
    ignore: gathered(({ ignore }) => ignore),
    maintenance: gathered(({ maintenance }) => maintenance),
    notify: distinct(settings.flatMap(({ own }) => own.notify)),
  };
}

interface Rule {
  readonly host?: string | undefined;
}

function isEverywhere(rule: Rule, all: readonly (readonly Rule[])[]): boolean {
  return all.every((rules) => rules.some((other) => canonicalText(other) === canonicalText(rule)));
}

function distinct<T>(rules: readonly T[]): readonly T[] {
  return [...new Map(rules.map((rule) => [canonicalText(rule), rule])).values()];
}
