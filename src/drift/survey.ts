import { InvalidInput } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Check } from '../core/resource.ts';
import type { Cluster, ClusterHost, Inspection, Playbook } from '../core/role.ts';
import { roleFault } from '../core/role-fault.ts';
import { assemble, type Member } from '../stages/assemble.ts';
import { noUnfinishedRun } from '../stages/leftover.ts';

/** What one playbook has hosts asked for, and how the answers are judged. */
export interface Survey {
  readonly cluster: Cluster;
  readonly members: readonly Member[];
  readonly checks: readonly Check[];
  readonly inspections: readonly RoleInspection[];
}

/** What is surveyed: a playbook, all hosts of its group, and those whose findings count. */
export interface SurveyedSite {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly cluster: readonly ClusterHost[];
  readonly selected: readonly string[];
}

export interface RoleInspection {
  readonly role: string;
  readonly inspection: Inspection;
}

/** @throws InvalidInput the playbook does not fit the hosts, or a role's own code failed */
export function surveyOf({ playbook, inventory, cluster: hosts, selected }: SurveyedSite): Survey {
  const cluster: Cluster = { hosts };
  const assembly = assemble(playbook, inventory, hosts, selected, [noUnfinishedRun(undefined)]);
  return { ...assembly, cluster, inspections: inspectionsOf(playbook, cluster) };
}

/** What the roles of a playbook look at besides their plans. */
function inspectionsOf(playbook: Playbook, cluster: Cluster): readonly RoleInspection[] {
  return playbook.roles.flatMap(({ name: role, inspect }) => {
    const inspection = byRole(role, () => inspect?.(cluster));
    return inspection === undefined ? [] : [{ role, inspection }];
  });
}

/** @throws InvalidInput the role's own code failed */
export function byRole<T>(role: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new InvalidInput([{ resource: `role ${role}`, hint: 'correct the role', ...roleFault(error) }]);
  }
}
