import { InvalidInput } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import { suggestionFor } from '../core/suggest.ts';
import { queriesOf } from '../drift/reading.ts';
import { probeProgram, sudoersText } from '../drift/restricted.ts';
import { surveyOf } from '../drift/survey.ts';
import type { DriftCommand } from './command.ts';
import type { LoadedSite } from './load-site.ts';

/**
 * What lets a user look at hosts who may do nothing else there; undefined when that was not asked for.
 *
 * @throws InvalidInput there is no such host, or no such user can be
 */
export function printedAccess(
  { printSudoers, printProbe }: DriftCommand,
  site: LoadedSite & { readonly inventory: Inventory },
): string | undefined {
  if (printSudoers !== undefined) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(printSudoers)) {
      throw new InvalidInput([{ what: `--print-sudoers ${printSudoers}: this is no name of a user` }]);
    }
    return sudoersText(printSudoers);
  }
  if (printProbe === undefined) {
    return undefined;
  }
  const survey = surveyOf(site);
  const member = survey.members.find(({ host }) => host === printProbe);
  if (member === undefined) {
    const names = survey.members.map(({ host }) => host);
    const hint = suggestionFor(printProbe, names, 'known') ?? `one of ${names.join(', ')}`;
    throw new InvalidInput([{ what: `--print-probe ${printProbe}: there is no such host`, hint }]);
  }
  return probeProgram(queriesOf(member, survey));
}
