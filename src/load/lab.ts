import type { Findings } from './findings.ts';
import type { RawInventory } from './groups.ts';

const MARKER = 'run_playbook_lab';

/** What every host of the built-in lab shares. */
export interface Lab {
  readonly name: string;
  readonly privateKey: string;
  readonly knownHosts: string;
}

/** The lab that `run_playbook_lab` in the variables of `all` names; `$RUN_PLAYBOOK_LAB` overrides the name. */
export async function findLab(
  raw: RawInventory,
  env: NodeJS.ProcessEnv,
  findings: Findings,
): Promise<Lab | undefined> {
  reportMisplaced(raw, findings);
  const node = raw.groups
    .get('all')
    ?.vars.findLast((vars) => vars.entries.has(MARKER))
    ?.entries.get(MARKER)?.node;
  if (node === undefined) {
    return undefined;
  }
  const { labPaths } = await import('../../scripts/lab/paths.ts');
  try {
    const { name, privateKey, knownHosts } = labPaths(
      env['RUN_PLAYBOOK_LAB'] || String(node.is === 'leaf' ? node.value : ''),
    );
    return { name, privateKey, knownHosts };
  } catch (error) {
    findings.add(node.place, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function reportMisplaced({ groups, hosts }: RawInventory, findings: Findings): void {
  for (const { name, vars } of [...groups.values(), ...hosts.values()]) {
    for (const { entries } of vars) {
      const entry = entries.get(MARKER);
      if (entry !== undefined && name !== 'all') {
        findings.add(entry.keyPlace, `${MARKER} is about the whole inventory`, 'move it to the vars of all');
      }
    }
  }
}
