import { inspect } from 'node:util';
import type { ProcessOutput, ProcessPromise } from 'zx/core';
import { rawScript } from '../core/script.ts';
import { maskHeard, type Secret } from '../core/secret.ts';
import { shownCommand } from './error.ts';
import { rememberOrigin } from './failed-command.ts';
import { TIMEOUT_SIGNAL } from './fake-child.ts';

export interface Guard {
  readonly host: string;
  readonly callSite: string | undefined;
  readonly secrets: readonly Secret[];
}

/**
 * A zx command that shows no secrets, and rejects with whatever is no answer of the command:
 * under `nothrow` too, as `exitCode !== 0` would otherwise read a lost connection as a "no".
 */
export function guarded(command: ProcessPromise, guard: Guard): ProcessPromise {
  const { then, timeout } = command;
  const settle = (output: ProcessOutput): ProcessOutput => {
    if (output.cause !== null) {
      throw output.cause;
    }
    const shown = shownCommand(rawScript(command.cmd), guard.secrets);
    rememberOrigin(output, { host: guard.host, callSite: guard.callSite, shown });
    hideSecrets(output, guard.secrets);
    return output;
  };
  const refuse = (output: ProcessOutput): never => {
    throw settle(output);
  };
  let isAwaited = false;
  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise already
  command.then = (onfulfilled, onrejected) => {
    isAwaited = true;
    const answer = then.call(command, settle, refuse) as Promise<ProcessOutput>;
    return answer.then(onfulfilled, onrejected);
  };
  // A timeout makes zx handle the rejection itself: a forgotten await would hide a failure.
  void then.call(command, undefined, (output) => {
    if (!isAwaited) {
      void Promise.reject(output);
    }
    return output;
  });
  command.timeout = (duration, signal = TIMEOUT_SIGNAL) => timeout.call(command, duration, signal);
  return command;
}

function hideSecrets(output: ProcessOutput, secrets: readonly Secret[]): void {
  if (secrets.length > 0) {
    const message = maskHeard(output.message, secrets);
    const inspected = maskHeard(output[inspect.custom](), secrets);
    Object.defineProperties(output, {
      message: { value: message },
      [inspect.custom]: { value: () => inspected },
    });
  }
}
