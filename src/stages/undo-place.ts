import { createHash } from 'node:crypto';

/** Where a host keeps how runs on it are taken back. */
export const UNDO_ROOT = '/var/lib/run-playbook/undo';

/** Where a change keeps what its undo needs, on the host: readable, and no other change's, whatever its id. */
export function undoDirectory(runId: string, id: string): string {
  const name = id.replaceAll(/\W+/g, '_').slice(0, 60);
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 12);
  return `${UNDO_ROOT}/${runId}/${name}-${digest}`;
}
