import type { Resource } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';
import { hostFacts, factsFrom } from '../../src/queries/facts.ts';
import {
  aptPackage,
  directory,
  fileSet,
  service,
  sysctl,
  systemUser,
  task,
  type FileSet,
  type FileSetOptions,
} from '../../src/index.ts';
import type { Data } from './case.ts';
import { seenFrom, writtenAnswers } from './observed.ts';
import { shownStep } from './show.ts';

/** Resource kinds by the name case files give them. */
export const KINDS: Readonly<Record<string, (options: never) => Resource>> = {
  package: aptPackage,
  files: fileSet,
  directory,
  user: systemUser,
  sysctl,
  service,
  task,
};

/** Options that are no plain data, made of what a case file can hold. */
const MADE_OF: Readonly<Record<string, (written: never) => unknown>> = {
  validate: rawScript,
  after: rawScript,
  live: rawScript,
  probe: rawScript,
  apply: rawScript,
  undo: rawScript,
  secrets: (values: readonly string[]) => values.map((value) => new Secret(value)),
  conceal: (patterns: readonly string[]) => patterns.map((pattern) => new RegExp(pattern, 'g')),
  loads: fileSets,
  unitFiles: fileSets,
};

interface ResourceCase {
  /** Kind and options; Scripts as text. */
  readonly resource: Data;
  readonly observed?: Data;
  /** Ids that are changed before it in the same plan. */
  readonly changes?: readonly string[];
  /** `plan` leaves the scripts out, which are long for some kinds. */
  readonly show?: 'plan';
}

/** What `resource` plans on a host that answers as `observed`. */
export function planResource(given: Data): unknown {
  const { resource, observed, changes = [], show } = given as unknown as ResourceCase;
  const made = makeResource(resource);
  const seen = seenFrom([hostFacts, ...Object.values(made.reads)], writtenAnswers(observed));
  const verdict = made.plan(seen, { facts: factsFrom(seen), changes: (id) => changes.includes(id) });
  return { id: made.id, plan: shownStep({ resource: made, ...verdict }, show === 'plan') };
}

function makeResource(written: Data): Resource {
  const [kind = '', options] = Object.entries(written)[0] ?? [];
  const make = KINDS[kind];
  if (make === undefined) {
    throw new Error(`${kind} is not one of ${Object.keys(KINDS).join(', ')}`);
  }
  return make(optionsFrom(options as Data) as never);
}

function fileSets(list: readonly Data[]): readonly FileSet[] {
  return list.map((options) => fileSet(optionsFrom(options) as unknown as FileSetOptions));
}

function optionsFrom(written: Data): Data {
  return Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name, MADE_OF[name]?.(value as never) ?? value]),
  );
}
