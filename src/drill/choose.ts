import { InvalidInput, type Trouble } from '../core/error.ts';
import type { SkippedFault } from '../core/drill.ts';
import type { Fault } from '../core/fault.ts';
import type { Cluster, Playbook } from '../core/role.ts';
import { suggestionFor } from '../core/suggest.ts';
import type { WatchTarget } from '../core/watch.ts';

export interface Choice {
  readonly chosen: readonly Fault[];
  /** What could not be done here, and was not asked for by name. */
  readonly skipped: readonly SkippedFault[];
}

/**
 * Every fault that the playbook's roles know on this cluster, in the order of a drill.
 *
 * @throws InvalidInput none of its roles knows any
 */
export function faultsOf(playbook: Playbook, cluster: Cluster): readonly Fault[] {
  const faults = playbook.roles.flatMap((role) => role.faults?.(cluster) ?? []);
  if (faults.length === 0) {
    const hint = 'add the role drill to its roles, or drill phase1 or phase2';
    throw refusal(`nothing in the playbook ${playbook.name} says what a drill can break`, hint);
  }
  return faults;
}

/**
 * The faults that are drilled.
 *
 * @param only names; empty: all that can be done here
 * @throws InvalidInput a name is unknown, or cannot be done here
 */
export function chooseFaults(
  faults: readonly Fault[],
  { only, isLab }: { readonly only: readonly string[]; readonly isLab: boolean },
): Choice {
  const reasonOf = (fault: Fault) =>
    fault.refusal ??
    (fault.means.by === 'lab' && !isLab ? 'only the built-in lab can do this to its hosts' : undefined);
  const troubles: Trouble[] = [];
  for (const name of only) {
    const fault = faults.find((candidate) => candidate.name === name);
    const reason = fault && reasonOf(fault);
    const names = faults.map((known) => known.name);
    if (fault === undefined) {
      const hint = suggestionFor(name, names, 'faults');
      troubles.push({ what: `--only ${name}: there is no such fault here`, hint });
    } else if (reason !== undefined) {
      troubles.push({ what: `--only ${name}: ${reason}`, hint: 'leave it out' });
    }
  }
  if (troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
  const asked = faults.filter(({ name }) => only.length === 0 || only.includes(name));
  return {
    chosen: asked.filter((fault) => reasonOf(fault) === undefined),
    skipped: asked.flatMap((fault) => {
      const reason = reasonOf(fault);
      return reason === undefined ? [] : [{ fault: fault.name, reason }];
    }),
  };
}

/**
 * What clients ask for during the drill: what the playbook watches, as far as a fault is measured by it.
 *
 * @throws InvalidInput there is no fault, or the playbook watches nothing
 */
export function targetsOf(
  playbook: Playbook,
  cluster: Cluster,
  faults: readonly Fault[],
): readonly WatchTarget[] {
  if (faults.length === 0) {
    const hint = 'see why: run-playbook drill with --list';
    throw refusal(`nothing that ${playbook.name} knows can be drilled here`, hint);
  }
  const watched = playbook.watch?.(cluster) ?? [];
  const isMeasured = ({ port }: WatchTarget) =>
    faults.some(({ ports }) => ports === undefined || ports.includes(port));
  const targets = watched.filter(isMeasured);
  if (targets.length === 0) {
    const hint = 'add watch(cluster) to it: the requests that must be answered whatever breaks';
    throw refusal(`the playbook ${playbook.name} does not say what its clients ask for`, hint);
  }
  return targets;
}

/** @throws InvalidInput nothing would be left that could take over */
export function refuseSingleHost(playbook: Playbook, { hosts }: Cluster): void {
  if (hosts.length < 2) {
    const hint = `a drill needs at least two hosts in ${playbook.hosts}`;
    throw refusal(`${playbook.name} runs on one host: nobody could take over`, hint);
  }
}

function refusal(what: string, hint: string): InvalidInput {
  return new InvalidInput([{ what, hint }]);
}
