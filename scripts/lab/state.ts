import { readFileSync } from 'node:fs';
import type { LabPaths } from './paths.ts';

/** A host as asked for. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  /** Debian code name; `bookworm` when left out. */
  readonly release?: string;
}

/** A host as recorded: complete. */
export interface RecordedHost extends Required<LabHost> {
  /** Directory of the base tree its overlay stands on. */
  readonly base: string;
}

/** What `labUp` wrote down, so that every later command finds the lab. */
export interface LabState {
  /** Nothing of a lab survives a reboot of the machine but its files; this tells. */
  readonly bootId: string;
  readonly hosts: readonly RecordedHost[];
}

/** The id of this boot of the machine. */
export function currentBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** What is recorded about a lab, or undefined when there is none. */
export function readState(paths: LabPaths): LabState | undefined {
  const text = readText(paths.stateFile);
  return text === undefined ? undefined : (JSON.parse(text) as LabState);
}

/** The content of a file, or undefined when it is not there (a process that ended counts as not there). */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw error;
  }
}
