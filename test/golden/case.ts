import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseDocument } from 'yaml';

/** A YAML map as read, not yet looked at. */
export type Data = Readonly<Record<string, unknown>>;

/** One case: what is given, and under `expect` what follows from it. */
export interface GoldenCase {
  /** `service/masked.yml` */
  readonly path: string;
  /** The folder: a resource kind, a role, `phase1` or `rollout`. */
  readonly folder: string;
  /** One sentence that is true when the case passes. */
  readonly about: string;
  readonly given: Data;
  readonly expect: unknown;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** All cases, by path. */
export function goldenCases(): readonly GoldenCase[] {
  return readdirSync(HERE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yml'))
    .toSorted()
    .map((path) => {
      const { about, expect, ...given } = parse(readFileSync(HERE + path, 'utf8')) as Data;
      return { path, folder: path.split('/')[0] ?? '', about: String(about), given, expect };
    });
}

/** Writes what now follows into the case's file; everything above `expect`, comments included, stays. */
export function updateCase({ path }: GoldenCase, found: unknown): void {
  const document = parseDocument(readFileSync(HERE + path, 'utf8'));
  document.set('expect', document.createNode(found, { aliasDuplicateObjects: false }));
  writeFileSync(
    HERE + path,
    document.toString({ lineWidth: 0, singleQuote: true, doubleQuotedMinMultiLineLength: 1e6 }),
  );
}
