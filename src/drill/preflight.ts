import { InvalidInput } from '../core/error.ts';
import { isArmed, UNDO_UNIT } from './armed.ts';
import type { DrillHost } from './host.ts';
import { hintOf, whatIsWrong, type Inspection } from './inspect.ts';

/**
 * Only what is whole is broken on purpose.
 *
 * @param remedy the command that makes the hosts as declared
 * @throws InvalidInput the hosts are not as declared, or a check does not hold
 * @throws Unreachable, HostFailed a host could not be read
 */
export function requireWhole(inspection: Inspection, playbook: string, remedy: string): void {
  const [lost] = inspection.lost;
  if (lost !== undefined) {
    throw lost;
  }
  const why = whatIsWrong(inspection);
  if (inspection.pending.length > 0) {
    const what = `the hosts are not as ${playbook} declares them; nothing was broken`;
    throw new InvalidInput([{ what, why, hint: `first: ${remedy}` }]);
  }
  if (why.length > 0) {
    const what = 'the service is degraded already; nothing was broken';
    throw new InvalidInput([{ what, why, hint: hintOf(inspection.checks) }]);
  }
}

/** @throws InvalidInput a drill was lost on this host, and what it broke will still be put right by its undo */
export async function refuseArmed(host: DrillHost): Promise<void> {
  if (await host.answers(isArmed())) {
    throw new InvalidInput([
      {
        host: host.name,
        what: 'a drill that was lost has left its undo armed; nothing was broken',
        hint: `wait for it, or run it now: systemctl start ${UNDO_UNIT}.service`,
      },
    ]);
  }
}
