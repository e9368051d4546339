import * as v from 'valibot';
import { DRIFT_VERSION } from './drift.ts';
import type { PastCheck } from './drift-spans.ts';

/** Goes up when a field is removed or means something else; new fields may come at any time. */
export const DRIFT_RECORD_VERSION = 1;

/** Which hosts something is about: the same inventory of another project, or another lab's, is about others. */
export interface Scope {
  /** Its folder. */
  readonly project: string;
  /** Its file. */
  readonly inventory: string;
  readonly lab?: string | undefined;
}

/** What is kept of a drift check. */
export interface DriftRecord extends Scope, PastCheck {
  readonly v: typeof DRIFT_RECORD_VERSION;
}

const finding = v.looseObject({
  id: v.string(),
  host: v.optional(v.string()),
  item: v.string(),
  class: v.string(),
  severity: v.string(),
  expected: v.string(),
  found: v.string(),
});

/** What is looked at; everything else is as the same version of the report says. */
const driftRecord = v.looseObject({
  v: v.literal(DRIFT_RECORD_VERSION),
  project: v.string(),
  inventory: v.string(),
  lab: v.optional(v.string()),
  since: v.optional(v.record(v.string(), v.string())),
  sameDiff: v.optional(v.record(v.string(), v.string())),
  report: v.looseObject({
    version: v.literal(DRIFT_VERSION),
    id: v.string(),
    at: v.string(),
    playbook: v.string(),
    exit: v.number(),
    hosts: v.array(v.looseObject({ host: v.string(), status: v.string() })),
    findings: v.array(finding),
    ignored: v.array(v.looseObject({ finding, rule: v.looseObject({ reason: v.string() }) })),
    expired: v.array(v.looseObject({ reason: v.string() })),
    cluster: v.looseObject({
      hosts: v.array(v.looseObject({ host: v.string() })),
      vips: v.array(v.looseObject({ vip: v.string(), holders: v.array(v.string()) })),
      unreachable: v.array(v.looseObject({ what: v.string() })),
    }),
    troubles: v.array(v.looseObject({ what: v.string() })),
    ms: v.number(),
  }),
});

/** A line of what is kept of drift checks; undefined when it is cut off, or of a newer program. */
export function parseDriftRecord(line: string): DriftRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return v.is(driftRecord, value) ? (value as unknown as DriftRecord) : undefined;
  } catch {
    return undefined;
  }
}
