import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Canaries } from '../../canaries.ts';

/** Places in which files must not show a secret to others than root, not even for a moment. */
export interface Watched {
  /** As findings name it: `svr1`. */
  readonly name: string;
  /** What the paths begin below: a host's own `/`. */
  readonly root: string;
  /** Folders with all that is below them. */
  readonly folders: readonly string[];
  /** Folders of which only what this program has made is looked at, by its name. */
  readonly parents: readonly string[];
}

/** Looks again and again at what everybody on a machine may see: processes, and files that others may read. */
export interface Lookout {
  /** How often it has looked. */
  readonly looks: number;
  /** What was seen so far: `sleep 1 in cmdline: TOKEN as it is`. */
  readonly findings: ReadonlySet<string>;
  stop(): void;
}

const EVERY_MS = 40;
/** A process becomes another program early in its life, or hardly ever. */
const YOUNG_MS = 2_000;
const OLD_EVERY_MS = 1_000;
/** Only who owns them, and root, can look into others. */
const OTHERS_ENTER = 0o011;
const OTHERS_READ = 0o044;

export function startLookout(canaries: Canaries, watched: readonly Watched[]): Lookout {
  const findings = new Set<string>();
  const report = (where: string, content: Buffer | undefined) =>
    canaries.in(content ?? '').forEach((what) => findings.add(`${where}: ${what}`));
  const processes = new Processes(report);
  const files = new Files(report);
  let looks = 0;
  const timer = setInterval(() => {
    processes.look();
    watched.forEach((place) => files.look(place));
    looks += 1;
  }, EVERY_MS);
  return {
    get looks() {
      return looks;
    },
    findings,
    stop: () => clearInterval(timer),
  };
}

type Report = (where: string, content: Buffer | undefined) => void;

/** Of this machine, and so of every host of every lab on it. */
class Processes {
  readonly #report: Report;
  readonly #known = new Map<string, { readonly sinceMs: number; command: string; lookedMs: number }>();

  constructor(report: Report) {
    this.#report = report;
  }

  look(): void {
    const now = performance.now();
    for (const pid of entriesOf('/proc').filter((name) => /^\d+$/.test(name))) {
      const known = this.#known.get(pid) ?? { sinceMs: now, command: '', lookedMs: 0 };
      this.#known.set(pid, known);
      if (now - known.sinceMs < YOUNG_MS || now - known.lookedMs > OLD_EVERY_MS) {
        known.lookedMs = now;
        known.command = this.#lookAt(pid, known.command);
      }
    }
  }

  #lookAt(pid: string, before: string): string {
    const command = contentOf(`/proc/${pid}/cmdline`) ?? Buffer.alloc(0);
    const text = command.toString('latin1');
    if (text !== before) {
      const shown = command.toString('utf8').replaceAll('\0', ' ').trim().slice(0, 100);
      this.#report(`${shown} in cmdline`, command);
      // Of root's processes nobody else can read it.
      if (lstatOf(`/proc/${pid}`)?.uid !== 0) {
        this.#report(`${shown} in environ`, contentOf(`/proc/${pid}/environ`));
      }
    }
    return text;
  }
}

class Files {
  readonly #report: Report;
  /** Versions of files that were read. */
  readonly #seen = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  look({ name, root, folders, parents }: Watched): void {
    const made = parents.flatMap((folder) =>
      entriesOf(join(root, folder))
        .filter((entry) => entry.includes('run-playbook'))
        .map((entry) => join(folder, entry)),
    );
    [...folders, ...made].forEach((path) => this.#lookAt(join(root, path), `${name} ${path}`));
  }

  #lookAt(path: string, name: string): void {
    const state = lstatOf(path);
    if (state?.isDirectory() === true && (state.mode & OTHERS_ENTER) !== 0) {
      entriesOf(path).forEach((entry) => this.#lookAt(join(path, entry), join(name, entry)));
    } else if (state?.isFile() === true && (state.mode & OTHERS_READ) !== 0) {
      const version = [path, state.ino, state.mtimeMs, state.ctimeMs, state.size].join(' ');
      if (!this.#seen.has(version)) {
        this.#seen.add(version);
        this.#report(`${name} (${(state.mode & 0o7777).toString(8)})`, contentOf(path));
      }
    }
  }
}

function contentOf(path: string): Buffer | undefined {
  return unlessGone(() => readFileSync(path));
}

function lstatOf(path: string) {
  return unlessGone(() => lstatSync(path));
}

function entriesOf(path: string): readonly string[] {
  return unlessGone(() => readdirSync(path)) ?? [];
}

/** Undefined when what is read has gone meanwhile. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
