import type { Options } from 'zx/core';
import { quote, rawScript } from '../core/script.ts';
import type { Secret } from '../core/secret.ts';
import type { Shell } from '../core/shell.ts';
import { renderArguments } from './arguments.ts';
import { shownCommand } from './error.ts';
import { FakeChild, killFake, TIMEOUT_SIGNAL } from './fake-child.ts';
import { guarded } from './guarded.ts';
import type { Link } from './link.ts';

type Zx = typeof import('zx/core');

export interface ShellOptions {
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a caller may set for a command; the rest is the transport's own. */
const ALLOWED = new Set('input nothrow signal ac timeout stdio env cwd halt delimiter killSignal'.split(' '));

let loading: Promise<Zx> | undefined;

/**
 * The zx `$` whose commands run on a host as `sh -eu`.
 *
 * A lost connection, a timeout, an abort and a refusing sudo reject with their RunError, under
 * `nothrow` too: only an exit code or a signal is an answer.
 */
export async function remoteShell(link: Link, options: ShellOptions): Promise<Shell> {
  loading ??= loadZx();
  return shellWith(await loading, link, options, {});
}

/** zx, made to leave remote commands to us; the only place that imports it. */
async function loadZx(): Promise<Zx> {
  const zx = await import('zx/core');
  const { kill } = zx.defaults;
  // p.kill() and timeouts go through the default kill, which looks the pid up in the local `ps`.
  zx.defaults.kill = async (pid, signal) => {
    if (!killFake(Number(pid), signal)) {
      await kill(pid, signal);
    }
  };
  // zx takes the first file:// line of the stack as the caller, which would be this file.
  const { getCallerLocation } = zx.Fail;
  zx.Fail.getCallerLocation = (error) => callSite ?? getCallerLocation(error);
  return zx;
}

/** Where the remote command that is just being made was written. */
let callSite: string | undefined;

function shellWith(zx: Zx, link: Link, options: ShellOptions, own: Partial<Options>): Shell {
  const shell = (first: TemplateStringsArray | Partial<Options>, ...values: unknown[]) => {
    if (!isTemplate(first)) {
      refuseForeign(first);
      return shellWith(zx, link, options, { ...own, ...first });
    }
    const secrets: Secret[] = [...link.secrets];
    const rendered = renderArguments(values, secrets);
    const prefix = prefixOf({ ...options.env, ...changedEnv(own.env) }, own.cwd);
    const prepared = zx.$({ ...commandOptions(options, own), prefix, spawn: spawnOn(link, prefix, secrets) });
    callSite = callerOf(shell);
    try {
      const command = prepared(first, ...rendered);
      return guarded(command, { host: link.target.host, callSite, secrets });
    } finally {
      callSite = undefined;
    }
  };
  Object.defineProperty(shell, 'sync', {
    get: () => {
      throw new TypeError('a command on a host cannot be synchronous');
    },
  });
  return shell as unknown as Shell;
}

/** Every option of zx, so that no ZX_ variable of the caller's environment changes a command. */
function commandOptions(options: ShellOptions, own: Partial<Options>): Partial<Options> {
  return {
    stdio: ['ignore', 'pipe', 'pipe'],
    nothrow: false,
    timeout: options.timeoutMs,
    killSignal: 'SIGTERM',
    ...own,
    // The host's directory and environment are in the prefix; these would be this machine's.
    cwd: process.cwd(),
    env: {},
    shell: 'sh',
    postfix: '',
    // The values are shell text already.
    quote: (text) => text,
    timeoutSignal: TIMEOUT_SIGNAL,
    detached: false,
    preferLocal: false,
    // The terminal is the reporters'; zx would print commands with their secrets.
    verbose: false,
    quiet: true,
    log: () => {},
  };
}

function spawnOn(link: Link, prefix: string, secrets: readonly Secret[]): Options['spawn'] {
  const spawn = (text: string, _args: unknown, { input, stdio, signal }: Record<string, unknown>) => {
    const wantsPipe = (Array.isArray(stdio) ? stdio[0] : stdio) === 'pipe';
    // An empty input zx never ends, and the command would wait for it.
    const hasInput = input !== '' && ((input !== undefined && input !== null) || wantsPipe);
    return new FakeChild(link, {
      text,
      shown: shownCommand(rawScript(text.slice(prefix.length)), secrets),
      secrets,
      hasInput,
      signal: signal instanceof AbortSignal ? signal : undefined,
    });
  };
  return spawn as unknown as Options['spawn'];
}

/** Runs before the command, on the same line so that line numbers in sh's errors are the command's. */
function prefixOf(env: Readonly<Record<string, string>>, cwd: string | undefined): string {
  const exports = Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      throw new TypeError(`${JSON.stringify(name)} cannot be the name of an environment variable`);
    }
    return `export ${name}=${quote(value)};`;
  });
  const directory = cwd === undefined ? [] : [`cd -- ${quote(cwd)};`];
  return `${['set -eu;', ...exports, ...directory].join(' ')} `;
}

/** What the caller set; `{ ...process.env, NAME: 'value' }` must not take this machine's PATH to the host. */
function changedEnv(env: NodeJS.ProcessEnv | undefined): Record<string, string> {
  const changed = Object.entries(env ?? {}).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== process.env[entry[0]],
  );
  return Object.fromEntries(changed);
}

function refuseForeign(options: Partial<Options>): void {
  const foreign = Object.keys(options).find((name) => !ALLOWED.has(name));
  if (foreign !== undefined) {
    throw new TypeError(`the option ${foreign} cannot be set for a command on a host`);
  }
}

function isTemplate(value: TemplateStringsArray | Partial<Options>): value is TemplateStringsArray {
  return Array.isArray(value);
}

/** The stack frame that called `callee`, as zx shows it in errors. */
function callerOf(callee: (...values: never[]) => unknown): string | undefined {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, callee);
  return trace.stack?.split('\n')[1]?.trim().replace(/^at /, '');
}
