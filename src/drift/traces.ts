/** When a file was written, and when anything of it was changed; seconds since 1970. */
export interface FileTrace {
  readonly path: string;
  /** Undefined when it is not there: then `changedAt` is its folder's. */
  readonly writtenAt: number | undefined;
  readonly changedAt: number;
  readonly owner: string;
}

export interface UnitTrace {
  readonly unit: string;
  readonly changedAt: number;
}

/** Somebody came, or did something as root. */
export interface Session {
  readonly at: number;
  readonly kind: 'sudo' | 'ssh';
  readonly who: string;
  /** The command, or where from. */
  readonly text: string;
}

/** `1795399582 1795399582 root /etc/nginx/nginx.conf`, a line each. */
export function parseStats(stdout: string): readonly FileTrace[] {
  return stdout.split('\n').flatMap((line) => {
    const [, written, changed, owner = '', path = ''] = /^(\d+) (\d+) (\S+) (.+)$/.exec(line) ?? [];
    return path === ''
      ? []
      : [
          {
            path,
            writtenAt: written === '0' ? undefined : Number(written),
            changedAt: Number(changed),
            owner,
          },
        ];
  });
}

/** `@1795399577 nginx.service`, a line each. */
export function parseUnits(stdout: string): readonly UnitTrace[] {
  return stdout.split('\n').flatMap((line) => {
    const [, at, unit = ''] = /^@(\d+) (\S+)$/.exec(line) ?? [];
    return unit === '' ? [] : [{ unit, changedAt: Number(at) }];
  });
}

/** Everything that happened, for the journal to be searched around it. */
export function momentsOf(files: readonly FileTrace[], units: readonly UnitTrace[]): readonly number[] {
  return [...files.map(({ changedAt }) => changedAt), ...units.map(({ changedAt }) => changedAt)];
}

/** This program's own way of becoming root; what it does is in its own log. */
const OWN = /\/sh -s$|\brp_n\b/;
/** It does so right after it has come. */
const OWN_SECONDS = 10;

/** Lines of `journalctl -o short-unix` of sudo and sshd; this program's own sessions are left out. */
export function parseJournal(stdout: string): readonly Session[] {
  const found = stdout.split('\n').flatMap(parseLine);
  const own = found.filter(({ kind, text }) => kind === 'sudo' && OWN.test(text));
  const isOwn = ({ at, kind, who }: Session) =>
    own.some(
      (one) => one.who === who && (kind === 'ssh' ? one.at >= at && one.at - at < OWN_SECONDS : false),
    );
  return found.filter((session) => !own.includes(session) && !isOwn(session));
}

function parseLine(line: string): readonly Session[] {
  const [, at = '', said = ''] = /^(\d+(?:\.\d+)?) \S+ \S+: +(.*)$/.exec(line) ?? [];
  const sudo = /^(\S+) : .*COMMAND=(.*)$/.exec(said);
  const ssh = /^Accepted (\S+) for (\S+) from (\S+)/.exec(said);
  if (sudo !== null) {
    return [{ at: Number(at), kind: 'sudo', who: sudo[1] ?? '', text: sudo[2] ?? '' }];
  }
  return ssh === null
    ? []
    : [{ at: Number(at), kind: 'ssh', who: ssh[2] ?? '', text: `from ${ssh[3]} by ${ssh[1]}` }];
}
