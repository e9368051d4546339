import type { Connection, Executed, Held } from '../../src/core/connection.ts';
import { ConnectionLost } from '../../src/transport/error.ts';
import { sh, type Script, type ShellArgument } from '../../src/core/script.ts';
import type { Shell } from '../../src/core/shell.ts';

/**
 * A host that is a map of keys to values, read by `get KEY`, written by `set KEY VALUE`; `fail|LINE|LINE` fails
 * with these lines on stderr.
 *
 * What a real shell makes of scripts is tested with real shells; this is for the order of the stages.
 */
export class MemoryHost {
  readonly name: string;
  readonly values: Map<string, string>;
  /** Everything that was changed, in order. */
  readonly history: string[] = [];
  execs = 0;
  /** Scripts other than probes, in order. */
  readonly scripts: string[] = [];
  os = 'debian';
  systemd = true;
  /** Runs before each probe is answered. */
  beforeProbe: () => Promise<void> | void = () => {};
  lost = false;
  /** Who holds the host's lock. */
  lockedBy: string | undefined;
  /** What became of a lock that was held here. */
  lock: ReturnType<Held['state']> = 'held';
  #cuts = 0;
  #isBegun = false;
  /** The host's lock cannot be taken, though nobody holds it. */
  cannotLock = false;

  constructor(name: string, values: Readonly<Record<string, string>> = {}) {
    this.name = name;
    this.values = new Map(Object.entries(values));
  }

  connection(): Connection {
    const cuts = this.#cuts;
    const refuseCut = async () => {
      if (cuts !== this.#cuts) {
        throw new ConnectionLost(this.name, 'cut');
      }
    };
    return {
      host: this.name,
      traffic: { connections: 1, execs: 0, bytesUp: 0, bytesDown: 0 },
      exec: (script) => refuseCut().then(() => this.exec(script)),
      hold: () => refuseCut().then(() => this.hold()),
      shell: () => refuseCut().then(() => this.shell()),
      close: async () => {},
    };
  }

  /** Every connection there is breaks, and takes the lock with it; new ones are let in. */
  cut(): void {
    this.#cuts += 1;
    this.lockedBy = undefined;
  }

  private async exec(script: Script): Promise<Executed> {
    this.execs += 1;
    await this.beforeProbe();
    if (this.lost) {
      throw new ConnectionLost(this.name, 'probe');
    }
    // As core/probe.ts frames its parts.
    const parts = script.text.matchAll(
      /^\(\n([^]*?)\n\) <\/dev\/null 2>\/dev\/null; printf '\n%s %d %d\n' (\w+) (\d+)/gm,
    );
    if (!script.text.startsWith('LC_ALL=C PATH=')) {
      this.scripts.push(script.text);
    }
    // What a run keeps for undoing is there once its first change was begun.
    if (/^cd \S+ 2>\/dev\/null \|\| exit 3/.test(script.text) && !this.#isBegun) {
      return { exit: 3, signal: undefined, stdout: Buffer.from(''), stderr: '' };
    }
    const frames = [...parts].map(([, body = '', nonce = '', index = '']) => {
      const { stdout, exit } = this.answer(body);
      return `${stdout}\n${nonce} ${index} ${exit}\n`;
    });
    return { exit: 0, signal: undefined, stdout: Buffer.from(frames.join('')), stderr: '' };
  }

  private hold(): Held | Executed {
    if (this.cannotLock) {
      return { exit: 1, signal: undefined, stdout: Buffer.from(''), stderr: 'flock: not found' };
    }
    if (this.lockedBy !== undefined) {
      return { exit: 75, signal: undefined, stdout: Buffer.from(this.lockedBy), stderr: '' };
    }
    this.lockedBy = 'this run';
    this.lock = 'held';
    const cuts = this.#cuts;
    return {
      state: () => (cuts === this.#cuts ? this.lock : 'lost'),
      release: async () => {
        this.lockedBy = undefined;
      },
    };
  }

  private answer(body: string): { readonly stdout: string; readonly exit: number } {
    if (body.startsWith('cat /etc/os-release')) {
      return { stdout: `ID=${this.os}\nVERSION_ID=12\n${this.systemd ? 'RP_SYSTEMD=1\n' : ''}`, exit: 0 };
    }
    const [, key = ''] = /^get (.*)$/.exec(body) ?? [];
    const value = this.values.get(key);
    return { stdout: value ?? '', exit: value === undefined ? 1 : 0 };
  }

  private shell(): Shell {
    const $ = async (strings: TemplateStringsArray, ...values: readonly ShellArgument[]) => {
      this.#isBegun = true;
      for (const line of sh(strings, ...values).text.split('\n')) {
        const [, key, value = ''] = /^set (\S+) (.*)$/.exec(line) ?? [];
        if (key !== undefined) {
          this.values.set(key, value);
          this.history.push(`${key}=${value}`);
        }
        const [, gone] = /^unset (\S+)$/.exec(line) ?? [];
        if (gone !== undefined) {
          this.values.delete(gone);
          this.history.push(`-${gone}`);
        }
        if (/^fail(\||$)/.test(line)) {
          const stderr = line.split('|').slice(1).join('\n');
          throw Object.assign(new Error(stderr), { exitCode: 1, signal: null, stderr });
        }
      }
    };
    return $ as unknown as Shell;
  }
}
