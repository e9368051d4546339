import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Trouble } from '../core/error.ts';

/** What is known of a command that `$` ran, beside its output. */
export interface CommandOrigin {
  readonly host: string;
  /** As errors show it. */
  readonly shown: string;
  /** Stack frame of the caller. */
  readonly callSite: string | undefined;
}

interface Output {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

const origins = new WeakMap<object, CommandOrigin>();

export function rememberOrigin(output: object, origin: CommandOrigin): void {
  origins.set(output, origin);
}

/** What the error of a failed `$` command tells a person; `undefined` for any other error. */
export function commandTrouble(error: unknown): Trouble | undefined {
  const origin = typeof error === 'object' && error !== null ? origins.get(error) : undefined;
  if (origin === undefined) {
    return undefined;
  }
  const { exitCode, signal, stderr } = error as Output;
  return {
    host: origin.host,
    what: 'a command failed',
    why: stderr.trimEnd().split('\n').slice(-5).filter(Boolean),
    command: origin.shown,
    ended: signal === null ? `exit ${exitCode}` : `signal ${signal}`,
    from: origin.callSite === undefined ? undefined : fileAndLine(origin.callSite),
  };
}

/** `roles/nginx/index.ts:14` of `apply (file:///srv/cluster/roles/nginx/index.ts:14:9)`. */
function fileAndLine(callSite: string): string | undefined {
  const [, place, line] = /\(?([^()\s]+):(\d+):\d+\)?$/.exec(callSite) ?? [];
  if (place === undefined || line === undefined) {
    return undefined;
  }
  const path = place.startsWith('file:') ? fileURLToPath(place) : place;
  const near = relative(process.cwd(), path);
  return `${near.startsWith('..') ? path : near}:${line}`;
}
