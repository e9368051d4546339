import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError, step } from './error.ts';
import { find } from './faults.ts';
import { local } from './local.ts';
import { withLock } from './lock.ts';
import { cut, stop } from './machine.ts';
import { wipeOverlay } from './overlay.ts';
import { hostPaths } from './paths.ts';
import { bootHost } from './up.ts';

const LOCK_MS = 120_000;

/** Keeps what `host` has written so far as `label`, replacing an older one; the host is shut down for it and booted again. */
export async function snapshot(name: string, host: string, label: string): Promise<void> {
  const { paths, state, recorded } = find(name, host);
  const { upper, snapshots } = hostPaths(paths, host);
  const kept = join(snapshots, label);
  await withLock(paths.stateDir, LOCK_MS, async () => {
    await stop(paths, host);
    await step(
      `${host}: snapshot ${label}: not made`,
      'see whether the disk is full: df -h /var/lib',
      async () => {
        await rm(kept, { recursive: true, force: true });
        await local`mkdir -p ${snapshots}; cp --archive --reflink=auto ${upper} ${kept}.partial; mv ${kept}.partial ${kept}`;
      },
    );
    await bootHost(paths, recorded, state.hosts);
  });
}

/**
 * Puts `host` back to what it was at snapshot `label`, and boots it; the snapshot stays.
 *
 * @throws LabError there is no such snapshot
 */
export async function restore(name: string, host: string, label: string): Promise<void> {
  const { paths, state, recorded } = find(name, host);
  const at = hostPaths(paths, host);
  const kept = join(at.snapshots, label);
  if (!existsSync(kept)) {
    const known = existsSync(at.snapshots) ? await readdir(at.snapshots) : [];
    throw new LabError({
      what: `${host}: no snapshot ${label}`,
      why: known.length > 0 ? `it has ${known.join(', ')}` : 'it has none',
      hint: 'snapshots go with the lab: make it again',
    });
  }
  await withLock(paths.stateDir, LOCK_MS, async () => {
    await cut(paths, host);
    await wipeOverlay(at);
    await step(
      `${host}: snapshot ${label}: not restored`,
      'reset the host',
      () => local`cp --archive --reflink=auto ${kept} ${at.upper}; touch ${at.personalised}`,
    );
    await bootHost(paths, recorded, state.hosts);
  });
}
