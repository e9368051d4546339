import type { DriftHostStatus, DriftReport } from '../core/drift.ts';
import {
  isOut,
  serverText,
  type BackendStatus,
  type HostStatus,
  type ServerStatus,
  type VrrpStatus,
} from '../core/status.ts';
import { HOST_STATUS } from './drift-groups.ts';
import { wrap } from './layout.ts';
import { duration, hostNames } from './phrases.ts';

/** What of a line is sure to fit into a card. */
const LETTERS = 36;
/** Of a name, beside which there is room for a status. */
const BESIDE = 16;
/** As wide as a mark. */
const INDENT = '\u2003';

/** A host as it is drawn, and as it is told to those who cannot see that. */
export interface DrawnHost {
  readonly name: string;
  /** Class of its card. */
  readonly kind: DriftHostStatus | 'not-checked';
  /** Its name, with a mark that says the same as its colour. */
  readonly title: string;
  readonly status: string;
  /** Whether its status fits beside its name. */
  readonly hasRoom: boolean;
  /** As many as it takes, each of a length that fits. */
  readonly lines: readonly HostLine[];
  /** The same whole. */
  readonly facts: readonly string[];
}

/** One thing about a host, with a mark that says the same as its colour. */
export interface HostLine {
  readonly mark: string;
  readonly text: string;
  readonly isWrong: boolean;
}

/**
 * Every host that was checked, in order, then the others that were asked.
 *
 * @param shown makes a text fit to be shown; before it is cut, or half a secret would be left
 */
export function drawnHosts(
  { hosts, cluster }: DriftReport,
  shown: (text: string) => string,
): readonly DrawnHost[] {
  const names = new Set([...hosts, ...cluster.hosts].map(({ host }) => host));
  return [...names].map((name) => {
    const kind = hosts.find(({ host }) => host === name)?.status ?? 'not-checked';
    const now = cluster.hosts.find(({ host }) => host === name);
    const known = now === undefined ? [wrong('how it stands is not known')] : linesOf(now);
    const lines = known.map((line) => ({ ...line, text: shown(line.text) }));
    const status = kind === 'not-checked' ? 'not checked' : HOST_STATUS[kind];
    return {
      name,
      kind,
      title: cut(`${MARKS[kind]} ${shown(name)}`),
      status,
      hasRoom: shown(name).length <= BESIDE,
      lines: lines.flatMap(wrapped),
      facts: lines.map(({ text }) => text),
    };
  });
}

const MARKS: Readonly<Record<DrawnHost['kind'], string>> = {
  'in-sync': '✓',
  pending: '✓',
  drifted: '~',
  degraded: '✗',
  unreachable: '✗',
  failed: '✗',
  suppressed: '·',
  'not-checked': '·',
};

/** Lines of at most so many letters; what is left of a word that is longer is cut off, and told elsewhere. */
function wrapped({ mark, text, isWrong }: HostLine): readonly HostLine[] {
  return wrap(text, LETTERS).map((line, index) => ({
    mark: index === 0 ? mark : INDENT,
    text: cut(line),
    isWrong,
  }));
}

function cut(line: string): string {
  return line.length > LETTERS ? `${line.slice(0, LETTERS - 1)}…` : line;
}

function linesOf(now: HostStatus): readonly HostLine[] {
  return [
    ...now.carries.map((vip) => right(`holds ${vip}`)),
    ...now.vrrp.map(vrrpLine),
    ...now.services.map(serviceLine),
    ...(now.backends ?? []).flatMap(backendLines),
    ...now.heldBack.map((why) => wrong(`cannot take a VIP over: ${why}`)),
    ...(now.lock === undefined ? [] : [note(`locked by ${now.lock}`)]),
    ...now.armed.map(({ leftMs }) => note(`an undo is armed, in ${duration(leftMs)}`)),
    ...now.kept.map((run) => note(`the undo of run ${run} is kept`)),
  ];
}

function vrrpLine({ instance, state, priority }: VrrpStatus): HostLine {
  const said = `VRRP ${instance} ${state || 'has said nothing yet'}`;
  const isWell = state === 'MASTER' || state === 'BACKUP';
  return (isWell ? right : wrong)(priority === undefined ? said : `${said}, priority ${priority}`);
}

function isServing({ status }: ServerStatus): boolean {
  return status.startsWith('UP') || status === 'no check';
}

/** Servers that get requests in one line, each of the others in one of its own. */
function backendLines({ name, servers }: BackendStatus): readonly HostLine[] {
  const serving = servers.filter(isServing).map((server) => server.name);
  const others = servers.filter((server) => !isServing(server));
  return [
    ...(serving.length === 0
      ? [wrong(`backend ${name}: no server gets requests`)]
      : [right(`backend ${name}: ${hostNames(serving)} up`)]),
    ...others.map((server) =>
      (isOut(server) ? wrong : note)(`server ${name}/${server.name} ${serverText(server)}`),
    ),
  ];
}

function serviceLine({ name, active, enabled }: HostStatus['services'][number]): HostLine {
  if (!enabled) {
    return note(`${name} ${active}, not enabled`);
  }
  return active === 'active' || active === 'reloading'
    ? right(`${name} ${active}`)
    : wrong(`${name} ${active}`);
}

function right(text: string): HostLine {
  return { mark: '✓', text, isWrong: false };
}

function wrong(text: string): HostLine {
  return { mark: '✗', text, isWrong: true };
}

function note(text: string): HostLine {
  return { mark: '·', text, isWrong: false };
}
