import type { Connection } from '../core/connection.ts';
import type { Clue, Finding } from '../core/drift.ts';
import { outputOf } from '../queries/output.ts';
import { readLog } from '../stages/audit-log.ts';
import { probe } from '../stages/probe.ts';
import { rawScript, sh } from '../core/script.ts';
import { cluesOf, type Traces } from './clues.ts';
import { momentsOf, parseJournal, parseStats, parseUnits } from './traces.ts';

/** Sessions that began longer before than this say nothing of a change. */
const SESSION_SECONDS = 4 * 60 * 60;
/** A journal of years is not searched for more than this. */
const LONGEST_SECONDS = 30 * 24 * 60 * 60;
const LOG_LINES = 500;

/** What a finding is about, as far as a host's traces go by it. */
export interface Subject {
  readonly path?: string | undefined;
  readonly unit?: string | undefined;
  readonly package?: string | undefined;
}

/** Findings of one host, each with what the host knows of who and when; nothing is changed there. */
export async function withEvidence(
  connection: Connection,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  const subjects = findings.map(subjectOf);
  const paths = distinct(subjects.flatMap(({ path = [] }) => path));
  const units = distinct(subjects.flatMap(({ unit = [] }) => unit));
  const packages = distinct(subjects.flatMap(({ package: name = [] }) => name));
  const stats = outputOf(sh`for path in ${orNothing(paths)}; do
  stat -c '%Y %Z %U %n' -- "$path" 2>/dev/null || stat -c '0 %Z %U %n' -- "$(dirname -- "$path")" 2>/dev/null
done`);
  const states = outputOf(sh`for unit in ${orNothing(units)}; do
  echo "$(systemctl show --timestamp=unix --value -p StateChangeTimestamp -- "$unit") $unit"
done`);
  const packageLog = outputOf(sh`for name in ${orNothing(packages)}; do
  { cat /var/log/dpkg.log.1; cat /var/log/dpkg.log; } 2>/dev/null | grep -E " (install|upgrade|remove|purge) $name:" | tail -n 3
done`);
  const aptLog = outputOf(
    rawScript(
      `tail -n ${LOG_LINES} /var/log/apt/history.log 2>/dev/null | grep -E '^(Start-Date|Commandline|Requested-By):'`,
    ),
  );
  const auditd = outputOf(sh`command -v ausearch >/dev/null || exit 0
for path in ${orNothing(paths)}; do
  ausearch --format text -f "$path" 2>/dev/null | tail -n 3 | sed "s|^|$path |"
done`);
  const own = outputOf(readLog(LOG_LINES));
  const first = await probe(connection, [stats, states, packageLog, aptLog, auditd, own]);
  const files = parseStats(first.answer(stats).stdout);
  const changed = parseUnits(first.answer(states).stdout);
  const journal = await sessionsAround(connection, momentsOf(files, changed));
  const traces: Traces = {
    files,
    units: changed,
    packages: first.answer(packageLog).stdout,
    apt: first.answer(aptLog).stdout,
    auditd: first.answer(auditd).stdout,
    own: first.answer(own).stdout,
    journal,
  };
  return findings.map((finding, index) => ({
    ...finding,
    evidence: cluesOf(finding, subjects[index] ?? {}, traces) satisfies readonly Clue[],
  }));
}

/** Who came, and what was done by way of sudo, from some hours before the first of these moments. */
async function sessionsAround(connection: Connection, moments: readonly number[]) {
  if (moments.length === 0) {
    return [];
  }
  const since = Math.floor(Math.min(...moments)) - SESSION_SECONDS;
  const journal = outputOf(sh`oldest=$(($(date +%s) - ${LONGEST_SECONDS}))
since=${since}
[ "$since" -ge "$oldest" ] || since=$oldest
journalctl -q --no-pager -o short-unix --since "@$since" -t sudo -t sshd -t sshd-session -t su |
  grep -E 'COMMAND=|Accepted |session opened for user root' | tail -n ${LOG_LINES}`);
  return parseJournal((await probe(connection, [journal])).answer(journal).stdout);
}

/** A path, a unit or a package, by what stands in its item. */
function subjectOf({ item, class: is }: Finding): Subject {
  const [word = ''] = item.split(' ');
  return {
    path: word.startsWith('/') ? word : undefined,
    unit: /^[\w@.:-]+\.(service|timer)$/.test(word) ? word : undefined,
    package: is === 'package' && /^[a-z0-9][a-z0-9+.-]*$/.test(word) ? word : undefined,
  };
}

/** A loop over nothing needs a word all the same. */
function orNothing(words: readonly string[]): readonly string[] {
  return words.length === 0 ? ['/nonexistent'] : words;
}

function distinct(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
