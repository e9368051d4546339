import type { Finding } from '../core/drift.ts';
import type { FileDiff } from '../core/resource.ts';
import { unifiedDiff } from './file-diff.ts';
import type { Ink } from './ink.ts';
import { hang } from './layout.ts';

interface Acceptable {
  /** Files of variables. */
  readonly files: readonly FileDiff[];
  /** Versions of packages that are kept as they are. */
  readonly versions: readonly Finding[];
  /** What no variable can say. */
  readonly left: readonly Finding[];
  /** A service has not loaded its files. */
  readonly isUnloaded: boolean;
}

/** What is written when what was found is accepted, and what cannot be. */
export function acceptedText({ files, versions, left, isUnloaded }: Acceptable, ink: Ink): string {
  const parts = [
    ...files.map((file) => fileText(file, ink)),
    versions.map(({ host = '', item, found }) => ink.line(`keep on ${host}: ${item} ${found}`)).join('\n'),
    left.map((finding) => leftText(finding, ink)).join('\n'),
    isUnloaded ? 'A service has not loaded its configuration yet: run the playbook afterwards.' : '',
  ];
  const said = parts.filter((part) => part !== '');
  return `${said.length === 0 ? 'nothing drifted: there is nothing to accept' : said.join('\n\n')}\n`;
}

function fileText(file: FileDiff, ink: Ink): string {
  const lines = unifiedDiff(file, ink.masked).map(({ is, text }) => {
    const line = ink.line(text);
    return is === 'added' ? ink.green(line) : is === 'removed' ? ink.red(line) : line;
  });
  return lines.join('\n');
}

function leftText({ host = '', item, class: is }: Finding, ink: Ink): string {
  const rule = `drift.ignore: [{host: ${host}, class: ${is}, item: '${item}', reason: …}]`;
  return hang(
    'not expressible  ',
    ink.line(`${host} ${item}: --fix repairs it, or leave it with ${rule}`),
    ink.width,
  );
}
