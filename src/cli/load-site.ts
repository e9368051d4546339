import type { Inventory } from '../core/inventory.ts';
import { byLevel } from '../core/lint.ts';
import type { RunRequest } from '../core/request.ts';
import type { Secret } from '../core/secret.ts';
import { findProject } from '../load/project.ts';
import type { World } from './world.ts';

/** A playbook with the hosts it is for, everything checked that can be checked without them. */
export type LoadedSite = Pick<RunRequest, 'playbook' | 'cluster' | 'selected' | 'warnings' | 'placeOf'> & {
  readonly secrets: readonly Secret[];
};

/** @throws InvalidInput the playbook, its variables or the limit are wrong */
export async function loadSite(
  command: { readonly playbook: string; readonly limit: string | undefined },
  inventory: Inventory,
  { cwd }: World,
): Promise<LoadedSite> {
  const projectDir = findProject(cwd);
  const [{ listRoles, loadPlaybook }, { bindVars, secretsIn }, { lintVars, placeIn }, { selectHosts }] =
    await Promise.all([
      import('../load/playbook.ts'),
      import('../load/bind-vars.ts'),
      import('../load/lint.ts'),
      import('../load/select-hosts.ts'),
    ]);
  const playbook = await loadPlaybook(command.playbook, projectDir, cwd);
  const hostNames = selectHosts(inventory, playbook.hosts);
  const cluster = bindVars(playbook, inventory, { hostNames, otherRoles: listRoles(projectDir) });
  const selected = selectHosts(inventory, playbook.hosts, command.limit);
  const { warn: warnings } = byLevel(lintVars(playbook, cluster, inventory.source));
  return {
    playbook,
    cluster,
    selected,
    warnings,
    placeOf: placeIn(cluster),
    secrets: secretsIn(cluster),
  };
}
