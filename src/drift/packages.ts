import type { Seen } from '../core/query.ts';
import { packageNamed } from '../queries/package.ts';
import { packageOf, type LastApplied } from '../stages/applied.ts';
import type { Member } from '../stages/assemble.ts';
import { finding, type Sighting } from './findings.ts';

/** Packages that somebody else has upgraded, or put on hold, since the last run. */
export function packageFindings(
  { host, declared }: Member,
  seen: Seen,
  last: LastApplied | undefined,
): readonly Sighting[] {
  return declared.flatMap((resource) => {
    const name = packageOf(resource);
    const before = name === undefined ? undefined : last?.packages[name];
    const now = name === undefined ? undefined : seen.answer(packageNamed(name));
    if (now?.installed === undefined || before === undefined || name === undefined) {
      return [];
    }
    const about = {
      host,
      role: resource.role,
      class: 'package',
      severity: 'drift',
      hint: 'if it is meant to be so: run-playbook drift --accept',
    } as const;
    const [was, is] = [last?.held?.includes(name), now.held].map((held) =>
      held === true ? 'held' : 'not held',
    );
    return [
      ...(before === now.installed
        ? []
        : [
            finding({
              ...about,
              item: `${name} version`,
              expected: `${before}, as the last run left it`,
              found: now.installed,
            }),
          ]),
      ...(last?.held === undefined || resource.holds !== undefined || was === is
        ? []
        : [
            finding({
              ...about,
              item: `${name} hold`,
              expected: `${was}, as the last run left it`,
              found: is ?? '',
            }),
          ]),
    ];
  });
}
