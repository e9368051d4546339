import type { Place } from '../core/inventory.ts';
import type { Findings } from './findings.ts';
import { splitWords } from './split-words.ts';

/** OpenSSH options that change nothing here: one connection is kept open, and keys are checked strictly anyway. */
const MEANINGLESS: readonly string[] = [
  'controlmaster',
  'controlpath',
  'controlpersist',
  'identitiesonly',
  'loglevel',
  'stricthostkeychecking=yes',
];

/**
 * The known_hosts files named in `ansible_ssh_common_args`.
 *
 * Only `-o UserKnownHostsFile=…` is read; anything that would change how the host is reached is an error.
 */
export function readSshArgs(
  args: string,
  from: { readonly name: string; readonly place: Place },
  findings: Findings,
): readonly string[] {
  const files: string[] = [];
  const words = shellWords(args);
  if (words === undefined) {
    findings.add(
      from.place,
      `${from.name}: a quotation mark has no partner`,
      'write it twice, or leave it out',
    );
    return [];
  }
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const isOption = word === '-o' || word.startsWith('-o');
    const option = word === '-o' ? (words[++at] ?? '') : word.slice(2);
    if (!isOption) {
      const shown = word.startsWith('-J') ? `${word} (ProxyJump)` : word;
      findings.add(from.place, `${from.name}: ${shown} is not supported yet`, hintFor(word));
      // The argument of an option that is not understood is part of it.
      at += words[at + 1]?.startsWith('-') === false ? 1 : 0;
      continue;
    }
    const [, key = '', value = ''] = /^([^\s=]+)[\s=]*(.*)$/.exec(option) ?? [];
    if (key.toLowerCase() === 'userknownhostsfile') {
      const named = value.split(/\s+/).filter((file) => file !== '');
      files.push(...named);
      if (named.length === 0) {
        findings.add(
          from.place,
          `${from.name}: UserKnownHostsFile names no file`,
          'name one, or leave it out',
        );
      }
    } else if (
      !MEANINGLESS.includes(key.toLowerCase()) &&
      !MEANINGLESS.includes(`${key}=${value}`.toLowerCase())
    ) {
      findings.add(from.place, `${from.name}: ${option} is not supported yet`, hintFor(key));
    }
  }
  if (files.includes('/dev/null')) {
    const hint = 'remove it: host keys are always checked against known_hosts';
    findings.add(from.place, `${from.name}: UserKnownHostsFile=/dev/null would accept no host`, hint);
  }
  return files;
}

function hintFor(option: string): string {
  return /hostkey/i.test(option)
    ? 'remove it: host keys are always checked against known_hosts'
    : 'remove it; only -o UserKnownHostsFile=… is read';
}

/** Words as a shell splits them, quotes removed; undefined when one of the quotes has no end. */
function shellWords(text: string): readonly string[] | undefined {
  return splitWords(text, /(?:[^ \t\r\n\f\v"']|"[^"]*"|'[^']*')+/)?.map((word) =>
    word.replaceAll(/["']/g, ''),
  );
}
