import * as v from 'valibot';

/** Goes up when a field is removed or means something else; new fields may come at any time. */
export const AUDIT_VERSION = 1;

const version = v.literal(AUDIT_VERSION);

const revision = v.object({
  /** Of the project, as git names it. */
  commit: v.string(),
  /** Whether files differed from that; absent where nobody could tell. */
  dirty: v.optional(v.boolean()),
});

const change = v.object({
  id: v.string(),
  summary: v.string(),
  /**
   * `done`; `failed` perhaps half; `undone` when it was taken back; `stays` when it cannot be; `left` when that failed.
   */
  is: v.picklist(['done', 'failed', 'undone', 'stays', 'left']),
  /** Keyed digests of everything that was read of it, by a key that stays on the host: equal when it was the same. */
  before: v.optional(v.string()),
  after: v.optional(v.string()),
});

const outcome = {
  result: v.picklist([
    'changed',
    'failed',
    'rolled-back',
    'partly-rolled-back',
    'interrupted',
    'released',
    'ok',
    'pending',
    'unreachable',
    'skipped',
  ]),
  /** What went wrong. */
  why: v.optional(v.string()),
  changes: v.optional(v.pipe(v.array(change), v.readonly()), []),
};

const ending = {
  end: v.optional(v.string()),
  /** The process's exit code. */
  exit: v.optional(v.number()),
  /** Of what was to be done on all hosts; the same plan has the same one. */
  plan: v.optional(v.string()),
};

const mark = {
  v: version,
  /** Id of the run, the same on all hosts and here. */
  run: v.string(),
  playbook: v.string(),
  /** `root`, or `alice as root` by way of sudo. */
  by: v.string(),
  /** The machine it was run on. */
  from: v.string(),
  pid: v.optional(v.number()),
  command: v.optional(v.string()),
  start: v.string(),
  revision: v.optional(revision),
};

/** What a host keeps of a run that changed it, to be read and to be described. */
export const hostLine = v.object({ ...mark, ...ending, host: v.string(), ...outcome });

const runRecord = v.object({
  ...mark,
  ...ending,
  project: v.string(),
  inventory: v.string(),
  lab: v.optional(v.string()),
  /** Hosts it was to work on. */
  selected: v.pipe(v.array(v.string()), v.readonly()),
  /** Absent while the run goes on, and for good when it was killed. */
  hosts: v.optional(v.record(v.string(), v.object(outcome))),
});

/** Which state of the project a run was made with. */
export type Revision = v.InferOutput<typeof revision>;

/** One change of a run on one host, as it is written down. */
export type AuditedChange = v.InferOutput<typeof change>;

/** What became of one host. */
export type HostOutcome = Pick<v.InferOutput<typeof hostLine>, 'result' | 'why' | 'changes'>;

/** Who made a run, from where, when and with what. */
export type RunMark = Pick<v.InferOutput<typeof runRecord>, keyof typeof mark>;

/** What a host keeps of a run that changed it. */
export type HostLine = v.InferOutput<typeof hostLine>;

/** What the controller keeps of a run; once when it begins and once, with how it ended, when it has. */
export type RunRecord = v.InferOutput<typeof runRecord>;

/** A line of a host's log; undefined when it is cut off, or of a newer program. */
export function parseHostLine(line: string): HostLine | undefined {
  return parseLine(hostLine, line);
}

/** A line of the controller's record; undefined when it is cut off, or of a newer program. */
export function parseRunRecord(line: string): RunRecord | undefined {
  return parseLine(runRecord, line);
}

function parseLine<T>(schema: v.GenericSchema<unknown, T>, line: string): T | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
