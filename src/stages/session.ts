import type { Connection, Held } from '../core/connection.ts';
import { EXIT, InvalidInput, RunError, type ExitCode, type Trouble } from '../core/error.ts';
import type { HostPlan } from '../core/plan.ts';
import type { Seen } from '../core/query.ts';
import type { HostResult, HostStatus, Traffic } from '../core/result.ts';
import type { Rollback } from '../core/undo.ts';
import type { TurnLog } from './apply.ts';
import type { Member } from './assemble.ts';

const NO_TRAFFIC: Traffic = { connections: 0, execs: 0, bytesUp: 0, bytesDown: 0 };

/** One host in the course of a run: what is known of it so far. */
export class Session {
  readonly member: Member;
  readonly log: TurnLog = { applied: [], unneeded: [], begun: [] };
  connection: Connection | undefined;
  /** Taken before the first change of the run; others are kept out as long as it is held. */
  lock: Held | undefined;
  /** False for a witness whose lock nobody holds, and which cannot be taken. */
  hasLock = true;
  seen: Seen | undefined;
  /** What was read after the last change. */
  after: Seen | undefined;
  plan: HostPlan | undefined;
  status: HostStatus = 'skipped';
  trouble: Trouble | undefined;
  /** Where it is kept how the host stood when it failed. */
  evidence: string | undefined;
  /** What was taken back; set once that was tried. */
  rollback: Rollback | undefined;
  /** How the run ends because of this host. */
  exit: ExitCode | undefined;
  ms = 0;

  constructor(member: Member) {
    this.member = member;
  }

  get host(): string {
    return this.member.host;
  }

  /** Adds the time `work` takes to this host's account. */
  async timed<T>(work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.ms += performance.now() - started;
    }
  }

  /** Keeps an error that a person can act on. @throws anything else: it is a bug */
  fail(error: unknown, status: 'failed' | 'unreachable'): Trouble {
    if (!(error instanceof RunError)) {
      throw error;
    }
    this.status = status;
    this.trouble = { host: this.host, ...error.trouble };
    // A host's turn has begun: too late for the promise that nothing was touched.
    this.exit = error instanceof InvalidInput ? EXIT.failed : error.exit;
    return this.trouble;
  }

  /** A copy of the counters as they stand. */
  private traffic(): Traffic {
    const { connections, execs, bytesUp, bytesDown } = this.connection?.traffic ?? NO_TRAFFIC;
    return { connections, execs, bytesUp, bytesDown };
  }

  result(): HostResult {
    return {
      host: this.host,
      status: this.status,
      plan: this.plan,
      applied: this.log.applied,
      unneeded: this.log.unneeded,
      trouble: this.trouble,
      ...(this.rollback !== undefined && { rollback: this.rollback }),
      ...(this.evidence !== undefined && { evidence: this.evidence }),
      traffic: this.traffic(),
      ms: this.ms,
    };
  }
}
