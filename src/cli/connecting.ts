import type { Connection } from '../core/connection.ts';
import type { Target } from '../core/inventory.ts';
import type { Secret } from '../core/secret.ts';

/** Connects to hosts; what they say on stderr holds no secret that was read so far. */
export async function connecting({
  secrets,
}: {
  readonly secrets: readonly Secret[];
}): Promise<(target: Target) => Promise<Connection>> {
  const { connect } = await import('../transport/index.ts');
  return (target) => connect(target, { secrets });
}
