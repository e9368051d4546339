import type { Digest } from './saved-plan-digest.ts';

/** What a saved plan can be read by; another number is another format. */
export const SAVED_PLAN_VERSION = 1;

/**
 * A plan in a file: what it was made from, what was seen and what would be done.
 *
 * Nothing of a host's files, of a script or of a variable's value is in it, only keyed digests of them: whoever reads
 * the file without the key can neither see a secret nor try out guesses. `docs/saved-plans.md` tells the same to people.
 */
export interface SavedPlan extends PlannedSite {
  readonly format: 'run-playbook plan';
  readonly version: typeof SAVED_PLAN_VERSION;
  /** Version of the program that made it. */
  readonly program: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  /** `root@control` */
  readonly madeBy: string;
  /** Names the key of the digests and of the seal without giving it away. */
  readonly key: string;
  readonly arguments: PlanArguments;
}

/** A saved plan as it stands in its file, a JSON document. */
export interface SealedPlan extends SavedPlan {
  readonly signature?: PlanSignature;
  /** Keyed digest of everything else in the file. */
  readonly seal: string;
}

export interface PlanSignature {
  /** As in a `.pub` file, without a comment: `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
  /** Ed25519, 64 bytes in hexadecimal, of everything but signature and seal. */
  readonly value: string;
}

/** How the playbook is loaded again; paths are relative to the project's folder where they are inside it. */
export interface PlanArguments {
  readonly playbook: string;
  /** Absent: the project's own. */
  readonly inventory?: string | undefined;
  readonly limit?: string | undefined;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** As given; none of them holds a secret. */
  readonly extraVars: readonly string[];
}

/** Everything that a plan is compared by. */
export interface PlannedSite {
  readonly playbook: PlannedPlaybook;
  /** The hosts to be worked on, in the order of the inventory. */
  readonly hosts: readonly PlannedHost[];
}

/** What of a playbook decides how hosts are changed, besides the changes. */
export interface PlannedPlaybook {
  readonly name: string;
  /** Keyed digest: roles, `serial`, `maxFail`, `maxLost`, names of the checks, hosts that `--limit` leaves out. */
  readonly digest: string;
}

export interface PlannedHost {
  readonly host: string;
  /** How it is reached, for people, secrets masked: `deploy@172.25.254.131:22`; not compared. */
  readonly target: string;
  /** Keyed digest of how it is reached. */
  readonly connection: string;
  /** Keyed digest of its role variables. */
  readonly variables: string;
  /** What would be done, in order; what is as declared has no part in the plan. */
  readonly changes: readonly PlannedObject[];
}

/** One resource that would be changed, or may have to be. */
export interface PlannedObject {
  readonly id: string;
  /** For people, secrets masked; not compared. */
  readonly summary: string;
  /** Keyed digest of what was asked of the host. */
  readonly reads: string;
  /** Keyed digest of what the host answered. */
  readonly observed: string;
  /**
   * Keyed digest of all that would be done: summary, details, diff, what is destroyed, the texts of apply and undo.
   *
   * A zx function has no text that tells what it will do: its source counts, what its closure holds does not.
   */
  readonly change: string;
}

/** What a run has to do with a saved plan. */
export interface PlanKeeping {
  readonly digest: Digest;
  /** What has to be planned still; absent when the plan is only to be saved. */
  readonly expected?: PlannedSite | undefined;
  /** Told what is planned, before anything is changed; hosts that could not be read are missing. */
  readonly keep?: (site: PlannedSite) => void;
}
