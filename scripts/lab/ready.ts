import { labExec } from './exec.ts';
import { local } from './local.ts';
import { lastWords, running } from './machine.ts';
import { enterCommand, hostPaths, type LabPaths } from './paths.ts';
import { poll } from './poll.ts';
import type { ProcessId } from './process.ts';

const READY_MS = 60_000;

/**
 * The PID 1 of a host that has finished booting, and the units that failed while it did; normally none.
 *
 * @throws LabError it did not finish in time; with the end of its console
 */
export async function waitBooted(
  paths: LabPaths,
  host: string,
): Promise<{ readonly leader: ProcessId; readonly failed: readonly string[] }> {
  const { consoleLog } = hostPaths(paths, host);
  let seen = 'no PID 1 yet';
  const leader = await poll(`${host}: booted`, READY_MS, {
    ask: async () => {
      const found = running(paths, host)?.leader;
      if (found === undefined) return undefined;
      // A host that goes down while it is asked is asked again, until the deadline.
      const asked = await labExec(paths.name, host, ['systemctl', 'is-system-running'], {
        timeoutMs: 10_000,
      }).catch(() => undefined);
      seen = asked?.stdout.trim() || asked?.stderr.trim() || seen;
      return seen === 'running' || seen === 'degraded' ? found : undefined;
    },
    why: () => `${seen}\n${lastWords(consoleLog)}`,
    hint: `see ${consoleLog}`,
  });
  if (seen === 'running') return { leader, failed: [] };
  const failed = await labExec(paths.name, host, [
    'systemctl',
    'list-units',
    '--failed',
    '--plain',
    '--no-legend',
  ]);
  return { leader, failed: failed.stdout.split('\n').flatMap((line) => line.split(' ')[0] || []) };
}

/** Waits until sshd answers on the host's address, as seen from the client's side of the bridge. */
export async function waitSsh(
  paths: LabPaths,
  { name, address }: { readonly name: string; readonly address: string },
): Promise<void> {
  let seen = '';
  await poll(`${name}: sshd answers at ${address}`, READY_MS, {
    ask: async () => {
      const command = enterCommand(paths.name, ['ssh-keyscan', '-T', '2', '-t', 'ed25519', address]);
      const scan = await local({ nothrow: true })`${[...command]}`;
      seen = scan.stderr.trim() || seen;
      return scan.stdout.includes('ssh-ed25519') || undefined;
    },
    why: () => seen || 'no answer',
    hint: `see ${hostPaths(paths, name).consoleLog}`,
  });
}
