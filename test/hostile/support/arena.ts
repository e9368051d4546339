import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { joinScripts, rawScript, sh, type Script } from '../../../src/core/script.ts';
import { runAsNobody } from '../../local-shell.ts';

/** A directory in which scripts run; what they execute against our will leaves `canary` there. */
export interface Arena {
  readonly path: string;
  /** @throws AssertionError something was executed */
  expectNoCanary(): void;
  /**
   * Runs scripts, each alone, where nothing but the arena can be changed and no program is to be had but those that
   * run others, and the one that an attack would call.
   *
   * @throws AssertionError it was called, or a script is none
   */
  runWithoutPrograms(scripts: readonly Script[]): Promise<void>;
}

/** What is there instead of programs; in a shell that is started from these too. */
const PROGRAMS = rawScript(`touch() { : >"$1"; }
timeout() { shift; "$@"; }
bash() { /bin/bash "$@"; }`);

/**
 * The arena of a test file, gone after its tests.
 *
 * @param memory where files cost less, if this machine has it
 */
export function useArena(memory?: string): Arena {
  const parent = memory !== undefined && existsSync(memory) ? memory : tmpdir();
  const path = mkdtempSync(join(parent, 'run-playbook-hostile-'));
  chmodSync(path, 0o1777);
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  const expectNoCanary = () => {
    expect(readdirSync(path).filter((name) => name.startsWith('canary'))).toEqual([]);
  };
  return {
    path,
    expectNoCanary,
    async runWithoutPrograms(scripts) {
      const head = sh`PATH=/nonexistent; cd ${path}; RP_UNDO=${path}/undo`;
      const alone = scripts.map((script) => sh`( ${offline(script)}\n) </dev/null >/dev/null 2>&1`);
      // What is no script would end the shell before that.
      const all = joinScripts([head, PROGRAMS, ...alone, rawScript('echo read')]);
      const { stdout, stderr } = await runAsNobody(all);
      expect({ stdout: stdout.toString(), stderr }).toEqual({ stdout: 'read\n', stderr: '' });
      expectNoCanary();
    },
  };
}

/** Nobody listens there, and then what is sent would not be looked at. */
function offline({ text }: Script): Script {
  return rawScript(text.replaceAll(/\/dev\/tcp\/[\w./$]+/g, '/dev/null'));
}
