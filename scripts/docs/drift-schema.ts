import * as v from 'valibot';
import { hostLine } from '../../src/core/audit.ts';
import { DRIFT_CLASSES, DRIFT_VERSION, SEVERITIES } from '../../src/core/drift.ts';
import { EXIT } from '../../src/core/error.ts';
import type { DriftDocument } from '../../src/report/drift-document.ts';
import { jsonSchema } from './json-schema.ts';

const text = (about: string) => v.pipe(v.string(), v.description(about));
const maybe = (about: string) => v.optional(text(about));
const moment = (about: string) => v.pipe(v.string(), v.isoTimestamp(), v.description(about));
const day = (about: string) => v.pipe(v.string(), v.isoDate(), v.description(about));
const milliseconds = (about: string) => v.pipe(v.number(), v.minValue(0), v.description(about));
const id = (about: string) => v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/), v.description(about));
const list = <S extends v.GenericSchema>(schema: S, about: string) =>
  v.pipe(v.array(schema), v.description(about));

const exit = v.pipe(
  v.enum(EXIT),
  v.description(
    '0 in sync, 2 drift, 4 a host is unreachable, 8 the service is degraded; others: not checked.',
  ),
);

const trouble = v.strictObject({
  code: maybe('Of the rule that was broken: `run-playbook explain` tells more.'),
  host: maybe('The host it is on.'),
  resource: maybe('Id of the resource, or name of the check.'),
  what: text('What is wrong.'),
  why: v.optional(list(v.string(), 'Evidence, a line each.')),
  command: maybe('What was run.'),
  ended: maybe('How it ended: `exit 1`, `timed out after 30 s`.'),
  from: maybe('Where it stands: `inventory/hosts.yml:5:11`.'),
  hint: maybe('What to do now.'),
});

const driftClass = v.pipe(v.picklist(DRIFT_CLASSES), v.description('What kind of thing it is about.'));

const clue = v.strictObject({
  source: text('`mtime`, `dpkg log`, `sudo`, `audit log`, …'),
  at: v.optional(moment('Absent where the source has no time.')),
  who: maybe('Whom it names.'),
  text: text('What it says.'),
  confidence: v.pipe(
    v.picklist(['certain', 'likely', 'guess']),
    v.description('How sure it is that this is about the finding.'),
  ),
});

const diff = v.strictObject({
  path: text('The file.'),
  unified: text('From what was found to what is expected, as a unified diff without secrets.'),
});

const finding = v.strictObject({
  id: id('The same as long as host, class and item are.'),
  host: maybe('Absent when it is about the cluster as a whole.'),
  class: driftClass,
  item: text('What it is about, the same in every check: a path, `nginx.service enabled`.'),
  severity: v.pipe(
    v.picklist(SEVERITIES),
    v.description(
      'degraded: the service stands worse than it should; drift: a host is not as it was left; pending: the project has changed since the last run; notice: for people only.',
    ),
  ),
  expected: text('How it should be.'),
  found: text('How it is.'),
  hint: maybe('What to do.'),
  role: maybe('Whose it is.'),
  resource: maybe('Id of the resource whose change repairs it; absent when no run does.'),
  diff: v.optional(v.pipe(diff, v.description('Only with --diff.'))),
  evidence: v.optional(list(clue, 'Who and when, as far as the host knows.')),
});

const ignoreRule = v.strictObject({
  host: maybe('A pattern; absent: any.'),
  class: v.optional(driftClass),
  item: maybe('A pattern; absent: any.'),
  reason: text('Why it need not be reported.'),
  until: v.optional(day('The last day; absent: for good.')),
});

const driftHost = v.strictObject({
  host: v.string(),
  status: v.picklist(['in-sync', 'drifted', 'pending', 'degraded', 'unreachable', 'failed', 'suppressed']),
  suppressed: maybe('Why nothing of it is reported.'),
  trouble: v.optional(trouble),
});

const server = v.strictObject({
  name: v.string(),
  status: text('As HAProxy says: `UP`, `DOWN`, `MAINT`, `DRAIN`, `no check`.'),
  check: text('How its last check ended: `L7OK`; empty without checks.'),
  address: v.string(),
  port: v.number(),
  weight: v.number(),
  configuredWeight: v.pipe(v.number(), v.description('What a reload makes of the weight.')),
  byHand: list(v.string(), 'What somebody has set at run time.'),
});

const hostStatus = v.strictObject({
  host: v.string(),
  services: v.array(v.strictObject({ name: v.string(), active: v.string(), enabled: v.boolean() })),
  vrrp: v.array(
    v.strictObject({
      instance: v.string(),
      state: text('`MASTER`, `BACKUP`, `FAULT`, `STOP`; empty when it has said nothing yet.'),
      priority: v.optional(v.number()),
    }),
  ),
  heldBack: list(v.string(), 'What keeps it from holding a virtual IP.'),
  vips: list(v.string(), 'Virtual IPs that it is configured for.'),
  carries: list(v.string(), 'Those of them that it carries.'),
  backends: v.optional(
    list(v.strictObject({ name: v.string(), servers: v.array(server) }), 'As its HAProxy sees them.'),
  ),
  lock: maybe('Who holds its lock.'),
  armed: list(
    v.strictObject({ run: v.string(), leftMs: v.number() }),
    'Undos that it carries out by itself unless they are disarmed.',
  ),
  kept: list(v.string(), 'Runs whose undo is kept.'),
  lastRun: v.optional(hostLine),
});

const cluster = v.strictObject({
  exit,
  hosts: list(hostStatus, 'Hosts that could not be asked are missing.'),
  vips: v.array(
    v.strictObject({ vip: v.string(), holders: v.array(v.string()), members: v.array(v.string()) }),
  ),
  problems: v.array(v.strictObject({ host: v.optional(v.string()), what: v.string(), hint: v.string() })),
  unreachable: list(trouble, 'Hosts that could not be asked.'),
});

const span = v.strictObject({
  id: id('Of the finding.'),
  firstSeen: moment('The check that saw it first.'),
  lastSeen: moment('The last one that did.'),
  openForMs: milliseconds('From the first to the last; 0 when a single check saw it.'),
  isOpen: v.boolean(),
});

/** What `run-playbook drift --json` prints; a key that is not here is a mistake. */
export const driftSchema = v.strictObject({
  kind: v.literal('drift'),
  version: v.pipe(
    v.literal(DRIFT_VERSION),
    v.description(
      'Goes up when a field is removed or means something else; new fields may come at any time.',
    ),
  ),
  id: id('Of this check.'),
  at: moment('When it began, UTC.'),
  playbook: text('Empty when the check ended before one was known.'),
  exit,
  hosts: list(driftHost, 'Hosts whose findings are reported.'),
  findings: list(finding, 'Heaviest first, then by host and item.'),
  ignored: list(v.strictObject({ finding, rule: ignoreRule }), 'What rules of the inventory cover.'),
  expired: list(ignoreRule, 'Rules whose last day is over.'),
  cluster: v.pipe(cluster, v.description('How the hosts stand, also those whose findings are not reported.')),
  history: v.optional(list(span, 'Since when the findings are there; absent where no history is kept.')),
  errors: list(trouble, 'Hosts that could not be asked, and what kept the check from being whole.'),
  ms: milliseconds('How long it took.'),
});

/** As JSON carries it: nothing readonly, and nothing there that is undefined. */
type Json<T> = T extends readonly (infer Item)[]
  ? Json<Item>[]
  : T extends object
    ? { -readonly [K in keyof T]: Json<Exclude<T[K], undefined>> }
    : T;

type Same<A, B> =
  (<T>() => T extends Json<A> ? 1 : 2) extends <T>() => T extends Json<B> ? 1 : 2 ? 'same' : 'not the same';

/** Does not compile unless the schema says what the document's type says. */
export const SCHEMA_AND_TYPE_ARE: Same<v.InferOutput<typeof driftSchema>, DriftDocument> = 'same';

/** The schema for whoever reads documents, as text. */
export function driftSchemaPage(): string {
  const named = { finding, trouble, ignoreRule, hostStatus, hostLine };
  const about = {
    title: `run-playbook drift --json, version ${DRIFT_VERSION}`,
    description: 'Made of scripts/docs/drift-schema.ts by `npm run docs`.',
  };
  return JSON.stringify({ ...about, ...jsonSchema(driftSchema, named) }, undefined, 2);
}
