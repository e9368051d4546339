import { readText } from './state.ts';

/** A process, told apart from a later one with the same number by when it started. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of proc_pid_stat(5): clock ticks since the machine booted. */
  readonly startTicks: number;
}

/** Who has number `pid` now, or undefined when nobody or a zombie has. */
export function processId(pid: number): ProcessId | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name before the last ')' may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, startTicks: Number(fields[19]) };
}

/** Whether that very process still runs. */
export function isAlive(id: ProcessId | undefined): boolean {
  return id !== undefined && processId(id.pid)?.startTicks === id.startTicks;
}

/** Ends that very process, if it still runs. */
export function kill(id: ProcessId | undefined, signal: NodeJS.Signals | number): void {
  if (id === undefined || !isAlive(id)) return;
  try {
    process.kill(id.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The process recorded in `pidFile`, or undefined when it no longer runs. */
export function recordedProcess(pidFile: string): ProcessId | undefined {
  const text = readText(pidFile);
  if (!text) return undefined;
  const id = JSON.parse(text) as ProcessId;
  return isAlive(id) ? id : undefined;
}

/** The pids of the children of `pid`; empty when it is gone. */
export function childrenOf(pid: number): readonly number[] {
  const list = readText(`/proc/${pid}/task/${pid}/children`) ?? '';
  return list.split(' ').filter(Boolean).map(Number);
}

/**
 * PID 1 of the container below `keeper`, as the machine numbers it, or undefined between two boots.
 *
 * A reboot inside replaces it: ask again, never keep it.
 */
export function leaderOf(keeper: ProcessId): ProcessId | undefined {
  for (const pid of childrenOf(keeper.pid).flatMap(childrenOf)) {
    const inside = /^NSpid:\s*(.*)$/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1]?.split(/\s+/) ?? [];
    if (inside.length > 1 && inside.at(-1) === '1') return processId(pid);
  }
  return undefined;
}
