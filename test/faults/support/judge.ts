import { differences } from '../../lab/support/fingerprint.ts';
import { HOSTS, type HostName } from '../../lab/support/pair.ts';
import type { Ended } from './controller.ts';
import type { Standing } from './standing.ts';

export type Pair = Readonly<Record<HostName, Standing>>;

/** What a fault at a boundary came to. */
export interface Strike {
  readonly deed: 'kill' | 'cut' | 'stop';
  readonly delayMs?: number;
  /** The run was stopped before. */
  readonly first?: string;
  /** `change-done svr1 service nginx`; undefined when the run had none left. */
  readonly at: string | undefined;
  readonly ended: Ended;
  readonly before: Pair;
  readonly after: Pair;
  /** Hosts that earlier runs left complete. */
  readonly complete: ReadonlySet<string>;
}

/** How a run has to end, and where it may leave the host that it worked on. */
interface Wanted {
  readonly exits: readonly number[];
  readonly host: 'as before' | 'complete' | 'either';
}

/** What is not as docs/operations.md promises, a line each. */
export function judge(strike: Strike): readonly string[] {
  const { deed, ended, complete, at, first } = strike;
  const { exits, host } =
    at === undefined
      ? { exits: [first === undefined ? 0 : 130], host: 'complete' as const }
      : wantedOf(strike, at);
  const wrong = exits.includes(ended.exit)
    ? []
    : [`ended with ${ended.exit} instead of ${exits.join(' or ')}: ${said(ended)}`];
  if (deed === 'kill') {
    return wrong;
  }
  const begunAgain = [...complete].filter((each) => ended.boundaries.includes(`host-started ${each}`));
  return [
    ...wrong,
    ...begunAgain.map((each) => `${each} was complete, and is changed again`),
    ...HOSTS.flatMap((each) => fateOf(each, strike, host).map((what) => `${each} ${what}`)),
  ];
}

/**
 * Killed: nothing ends in good order. Stopped: the host that is being changed is taken back, unless its last change was
 * being made. Cut off: between changes the run goes on by a new connection; in the middle of one the host is taken back,
 * or there is nothing to take back. A host that follows the others in lockstep goes on in any case.
 */
function wantedOf({ deed, delayMs = 0, ended }: Strike, at: string): Wanted {
  if (deed === 'kill') {
    return { exits: [137], host: 'either' };
  }
  const [, type = '', host = '', id = ''] = /^(\S+) ?(\S*) ?(.*?)(?: \d+)?$/.exec(at) ?? [];
  const changes = ended.document?.hosts[host]?.changes?.map((change) => change.id) ?? [];
  // Nothing was begun: neither on this host, nor on one that was silenced for it.
  const isFirst = changes[0] === id && !ended.boundaries.some((each) => each.startsWith('change-deferred'));
  const isLast = changes.at(-1) === id;
  const isBegun = !['planned', 'host-started'].includes(type) && id !== 'locked';
  const isInTurn = ['change-started', 'change-done'].includes(type);
  const isFinished = type !== 'change-deferred' && ended.boundaries.includes(`change-deferred ${host} ${id}`);
  if (deed === 'stop' && ['logged', 'unlocked'].includes(id)) {
    // All is done, and how the run ends is written down.
    return { exits: [0], host: 'complete' };
  }
  if (deed === 'stop') {
    return {
      exits: [130],
      host: isBegun && (isLast || !isInTurn) && type !== 'change-deferred' ? 'complete' : 'as before',
    };
  }
  if (type.startsWith('rollback') || type === 'change-undone') {
    // What it was stopped for came before.
    return { exits: [130], host: 'as before' };
  }
  if (type === 'change-done' && !isLast) {
    return { exits: [3], host: 'as before' };
  }
  if ((type === 'change-started' && !isFinished) || type === 'change-deferred') {
    const isDoneBefore = delayMs > 0 && isLast && ended.boundaries.includes(at.replace('started', 'done'));
    return isDoneBefore
      ? { exits: [0], host: 'complete' }
      : { exits: isFirst ? (delayMs === 0 ? [4] : [3, 4]) : [3], host: 'as before' };
  }
  return { exits: [0], host: 'complete' };
}

function fateOf(host: HostName, { at = '', ended, before, after }: Strike, wanted: Wanted['host']) {
  const left = after[host].leftovers.filter((line) => !before[host].leftovers.includes(line));
  const isComplete = ended.boundaries.includes(`host-done ${host}`);
  const isStruck = at.split(' ')[1] === host;
  const expected = isStruck ? wanted : isComplete ? 'complete' : 'as before';
  return [
    ...left.map((line) => `still has ${line}`),
    ...(expected === 'complete' && !isComplete ? ['is not complete'] : []),
    ...(expected === 'as before' ? strays(host, { ended, before, after }) : []),
  ];
}

/** A package stays once it is installed, with all that it brings. */
function strays(host: HostName, { ended, before, after }: Pick<Strike, 'ended' | 'before' | 'after'>) {
  const isInstalled = ended.boundaries.some((boundary) =>
    boundary.startsWith(`change-started ${host} package`),
  );
  return isInstalled
    ? []
    : differences(before[host].is, after[host].is).map((what) => `is not as before: ${what}`);
}

function said({ document, stderr }: Ended): string {
  const notes = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('boundary '));
  return JSON.stringify([...(document?.errors ?? []), ...notes]);
}
