import * as v from 'valibot';

/** What a host keeps of how the last runs left it: what a drift check compares with. */
const applied = v.object({
  v: v.literal(1),
  /** Id of the last run that changed the host. */
  run: v.string(),
  playbook: v.string(),
  /** ISO 8601, UTC. */
  at: v.string(),
  /**
   * By resource, by what was read of it when it was as declared: keyed digests; what changes by itself has no part in
   * them.
   */
  observed: v.record(v.string(), v.record(v.string(), v.string())),
  /** Versions by package. */
  packages: v.record(v.string(), v.string()),
  /** Packages among these that were on hold; absent in older records. */
  held: v.optional(v.array(v.string())),
  /** By path: keyed digest of every file that systemd read for a declared service; absent in older records. */
  units: v.optional(v.record(v.string(), v.string())),
});

export type Applied = v.InferOutput<typeof applied>;

/** The record of a host; undefined when it is cut off, or of a newer program. */
export function parseApplied(text: string): Applied | undefined {
  try {
    const parsed = v.safeParse(applied, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
