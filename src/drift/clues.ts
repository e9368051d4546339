import { parseHostLine } from '../core/audit.ts';
import type { Clue, Finding } from '../core/drift.ts';
import type { Subject } from './evidence.ts';
import type { FileTrace, Session, UnitTrace } from './traces.ts';

/** Everything that was read of a host. */
export interface Traces {
  readonly files: readonly FileTrace[];
  readonly units: readonly UnitTrace[];
  /** Lines of dpkg's log. */
  readonly packages: string;
  /** Lines of apt's. */
  readonly apt: string;
  /** Lines of auditd, each after the path it is about. */
  readonly auditd: string;
  /** This program's own log. */
  readonly own: string;
  readonly journal: readonly Session[];
}

/** A command right before a change may have made it. */
const COMMAND_SECONDS = 10 * 60;
/** Clocks of logs and of file systems are not read at the same moment. */
const SLACK_SECONDS = 5;
const SESSION_SECONDS = 4 * 60 * 60;
const MOST = 2;

/** What a host's traces say of one finding: what is certain first. */
export function cluesOf(finding: Finding, subject: Subject, traces: Traces): readonly Clue[] {
  const file = traces.files.find(({ path }) => path === subject.path);
  const gone = file === undefined ? folderOf(subject, traces) : undefined;
  const unit = traces.units.find((trace) => trace.unit === subject.unit);
  const moment = file?.changedAt ?? gone?.changedAt ?? unit?.changedAt;
  return [
    ...(file === undefined ? [] : fileClues(file)),
    ...(gone === undefined
      ? []
      : [clue('ctime', gone.changedAt, { text: `its folder last changed`, confidence: 'likely' })]),
    ...(unit === undefined
      ? []
      : [
          clue('systemd', unit.changedAt, {
            text: `${unit.unit} last changed its state`,
            confidence: 'certain',
          }),
        ]),
    ...packageClues(subject, traces),
    ...auditdClues(subject, traces),
    ...ownClues(finding, traces),
    ...(moment === undefined ? [] : sessionClues(subject, moment, traces.journal)),
  ];
}

function folderOf({ path }: Subject, { files }: Traces): FileTrace | undefined {
  const folder = path?.slice(0, path.lastIndexOf('/'));
  return files.find((trace) => trace.writtenAt === undefined && trace.path === folder);
}

function fileClues({ writtenAt, changedAt, owner }: FileTrace): readonly Clue[] {
  return [
    ...(writtenAt === undefined
      ? []
      : [
          clue('mtime', writtenAt, {
            text: `last written; it belongs to ${owner}`,
            confidence: 'certain' as const,
          }),
        ]),
    ...(writtenAt === changedAt
      ? []
      : [
          clue('ctime', changedAt, {
            text: 'mode, owner or name last changed',
            confidence: 'certain' as const,
          }),
        ]),
  ];
}

/** `2026-11-22 10:00:00 upgrade nginx:amd64 1.22.1-9 1.22.1-10`, of the host's own clock. */
function packageClues({ package: name }: Subject, { packages, apt }: Traces): readonly Clue[] {
  const line = packages.split('\n').findLast((each) => name !== undefined && each.includes(` ${name}:`));
  if (line === undefined) {
    return [];
  }
  const minute = line.slice(0, 16);
  const runs = apt.split('Start-Date: ').map((run) => run.split('\n'));
  const run = runs.findLast(
    ([start = '']) => start.replace('  ', ' ').slice(0, 16) <= minute && start !== '',
  );
  const who = run?.find((each) => each.startsWith('Requested-By: '))?.slice('Requested-By: '.length);
  return [
    { source: 'dpkg log', text: `${line} (the host's clock)`, confidence: 'certain' },
    ...(who === undefined
      ? []
      : [
          {
            source: 'apt log',
            who,
            text: 'asked for an apt run at that time',
            confidence: 'likely' as const,
          },
        ]),
  ];
}

function auditdClues({ path }: Subject, { auditd }: Traces): readonly Clue[] {
  return auditd
    .split('\n')
    .filter((line) => path !== undefined && line.startsWith(`${path} `))
    .map((line): Clue => ({
      source: 'auditd',
      text: line.slice((path ?? '').length + 1),
      confidence: 'certain',
    }));
}

/** When one of our own runs last changed it: what came after was somebody else. */
function ownClues({ resource }: Finding, { own }: Traces): readonly Clue[] {
  const line = own
    .split('\n')
    .flatMap((each) => parseHostLine(each) ?? [])
    .findLast(({ changes }) => changes.some(({ id }) => id === resource));
  return line === undefined
    ? []
    : [
        {
          source: 'audit log',
          at: line.end ?? line.start,
          who: `${line.by}@${line.from}`,
          text: `${line.playbook} changed it last, run ${line.run}: what is found now came after`,
          confidence: 'certain',
        },
      ];
}

/** Commands that name it, then those right before the change, then who had come by then. */
function sessionClues(subject: Subject, moment: number, journal: readonly Session[]): readonly Clue[] {
  const before = journal.filter(({ at }) => at <= moment + SLACK_SECONDS);
  const commands = before.filter(({ kind, at }) => kind === 'sudo' && moment - at < SESSION_SECONDS);
  const naming = commands.filter(({ text }) => names(text, subject));
  const close = commands.filter(
    (session) => !naming.includes(session) && moment - session.at < COMMAND_SECONDS,
  );
  const logins = before.filter(({ kind, at }) => kind === 'ssh' && moment - at < SESSION_SECONDS);
  return [
    ...naming.slice(-MOST).map((session) => sessionClue(session, 'likely')),
    ...close.slice(-MOST).map((session) => sessionClue(session, 'guess')),
    ...logins.slice(-MOST).map((session) => sessionClue(session, 'guess')),
  ];
}

function names(command: string, { path, unit, package: name }: Subject): boolean {
  const words = [path, unit, unit?.replace(/\.\w+$/, ''), name].filter((word) => word !== undefined);
  return words.some((word) => command.includes(word));
}

function sessionClue({ at, kind, who, text }: Session, confidence: Clue['confidence']): Clue {
  return { ...clue(kind === 'sudo' ? 'sudo' : 'ssh session', at, { text, confidence }), who };
}

function clue(source: string, seconds: number, rest: Pick<Clue, 'text' | 'confidence'>): Clue {
  return { source, at: new Date(seconds * 1000).toISOString(), ...rest };
}
