import type { DriftReport, Finding, FindingSpan } from './drift.ts';
import { findingsOf, spansOf, type PastCheck } from './drift-spans.ts';
import { InvalidInput } from './error.ts';

/** What an id of a drift check's is of. */
export type LookedUp = ({ readonly is: 'check' } & PastCheck) | ({ readonly is: 'finding' } & FindingHistory);

/** A finding, and when it was there. */
export interface FindingHistory {
  /** As the last check saw it that did. */
  readonly finding: Finding;
  readonly check: Pick<DriftReport, 'id' | 'at' | 'playbook'>;
  /** The first one first. */
  readonly spans: readonly FindingSpan[];
}

/** Of what an id may be meant to be, so many are named. */
const NAMED_UP_TO = 4;

/**
 * The check, or the finding, that an id is of.
 *
 * @param id or how it begins
 * @param checks oldest first
 * @throws InvalidInput it is of none, or of more than one
 */
export function lookUp(id: string, checks: readonly PastCheck[]): LookedUp {
  const found = checks.filter(({ report }) => report.id.startsWith(id));
  const findings = new Map(
    checks.flatMap(({ report }) =>
      findingsOf(report)
        .filter((finding) => finding.id.startsWith(id))
        .map((finding) => [finding.id, { finding, report }] as const),
    ),
  );
  const [check, ...others] = found;
  const [last, ...more] = findings.values();
  if (others.length + more.length > 0 || (check !== undefined && last !== undefined)) {
    const names = [
      ...found.map(({ report }) => `check ${report.id} of ${report.at}`),
      ...[...findings.values()].map(({ finding }) => `finding ${finding.id}: ${placeOf(finding)}`),
    ];
    const rest = names.length > NAMED_UP_TO ? [`and ${names.length - NAMED_UP_TO} more`] : [];
    throw new InvalidInput([
      {
        what: `more than one id begins with ${id}`,
        why: [...names.slice(0, NAMED_UP_TO), ...rest],
        hint: 'add a character or two',
      },
    ]);
  }
  if (check !== undefined) {
    return { is: 'check', ...check };
  }
  if (last === undefined) {
    const hint = 'checks: run-playbook drift history; findings: run-playbook drift show CHECK';
    throw new InvalidInput([{ what: `no check and no finding of these hosts has the id ${id}`, hint }]);
  }
  const { finding, report } = last;
  const { at, playbook } = report;
  const spans = spansOf(checks).filter((span) => span.id === finding.id);
  return { is: 'finding', finding, check: { id: report.id, at, playbook }, spans };
}

function placeOf({ host = 'cluster', item }: Finding): string {
  return `${host} ${item}`;
}
