import { BecomeFailed, Unreachable } from '../core/error.ts';
import type { Target } from '../core/inventory.ts';
import { quote } from '../core/script.ts';

/** Why sudo said no, in the words of sudo 1.9 (plugins/sudoers, src/), and what to do about it. */
const REFUSALS: readonly {
  readonly says: RegExp;
  readonly what: string;
  readonly hint: (login: string) => string;
}[] = [
  {
    says: /a password is required|a terminal is required to (?:read the password|authenticate)/,
    what: 'sudo wants a password',
    hint: (login) =>
      `set ansible_become_password in the inventory, or let ${login} use sudo without one, on the host, as root: ` +
      `echo ${quote(`${login} ALL=(ALL) NOPASSWD: ALL`)} > ${quote(`/etc/sudoers.d/${login}`)}`,
  },
  {
    says: /is not in the sudoers file|is not allowed to (?:execute|run sudo)|may not run sudo/,
    what: 'the login user may not use sudo',
    hint: (login) => `on the host, as root: usermod -aG sudo ${quote(login)}`,
  },
  {
    says: /you must have a tty|no tty present/,
    what: 'sudo insists on a terminal',
    hint: (login) => `on the host, with visudo: Defaults:${login} !requiretty`,
  },
  {
    says: /sudo: (?:command )?not found|sudo: No such file|Unknown command:? sudo/,
    what: 'there is no sudo on the host',
    hint: () => 'on the host, as root: apt-get install sudo, or log in as root (ansible_user: root)',
  },
  {
    says: /unknown user/,
    what: 'the user to become does not exist on the host',
    hint: () => 'correct ansible_become_user',
  },
];

interface Unbegun {
  readonly isSudo: boolean;
  /** What ended the command; undefined when it exited. */
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why a script did not begin, from what the host printed instead. */
export function notBegun({ host, user }: Target, { isSudo, signal, stdout, stderr }: Unbegun): Unreachable {
  if (signal !== undefined) {
    // No answer: a host that shuts down ends what is about to start.
    return new Unreachable({
      host,
      what: 'a command was ended before it began',
      why: lastLines(stderr),
      ended: `signal ${signal}`,
      hint: `is ${host} shutting down? Run again once it is up`,
    });
  }
  return isSudo ? sudoRefused(host, user, stderr) : shellMissing(host, `${stdout}\n${stderr}`);
}

function sudoRefused(host: string, login: string, stderr: string): BecomeFailed {
  const why = lastLines(stderr);
  const refusal = REFUSALS.find(({ says }) => says.test(stderr));
  return new BecomeFailed({
    host,
    what: refusal?.what ?? 'sudo did not run the command',
    why,
    hint: refusal?.hint(login) ?? `this must work on the host, as ${login}: sudo -n true`,
  });
}

/** The password was sent once and sudo asks again. */
export function passwordRefused(host: string, stderr: string): BecomeFailed {
  return new BecomeFailed({
    host,
    what: 'sudo did not accept the password',
    why: lastLines(stderr),
    hint: 'correct ansible_become_password; it was tried once, nothing was run',
  });
}

/** @param words what the login shell printed instead of starting sh */
function shellMissing(host: string, words: string): BecomeFailed {
  return new BecomeFailed({
    host,
    what: 'the login user gets no POSIX shell',
    why: lastLines(words),
    hint: 'the host needs /bin/sh, and the login user a login shell that runs commands (not nologin)',
  });
}

function lastLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-5);
}
