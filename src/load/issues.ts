import type { BaseIssue, GenericSchema } from 'valibot';
import { Secret } from '../core/secret.ts';
import { suggestionFor } from '../core/suggest.ts';
import { descriptionAt, isSecretAt, namesAt, schemasAt, type PathKey } from './schema.ts';
import { isPlainObject } from './variables.ts';

const MAPS: readonly string[] = ['object', 'strict_object', 'loose_object', 'record'];
const LISTS: readonly string[] = [
  'array',
  'tuple',
  'strict_tuple',
  'loose_tuple',
  'any',
  'unknown',
  'custom',
];

/** One thing wrong with a role's variables, in the words of the house. */
export interface Explained {
  readonly path: readonly PathKey[];
  /** `should be a port (1-65535), is 99999` */
  readonly what: string;
  readonly hint?: string | undefined;
  /** Whether the name in the file is wrong, or its value, or nothing is there. */
  readonly about: 'name' | 'value' | 'missing';
}

/** valibot's issues as errors for a person: path, expectation, what is there, suggestion. */
export function explainIssues(
  schema: GenericSchema,
  given: unknown,
  issues: readonly BaseIssue<unknown>[],
): readonly Explained[] {
  const explained = issues
    .flatMap((issue) => leaves(issue, []))
    .flatMap((leaf) => explain(schema, given, leaf));
  return [...listsForMaps(schema, given, []), ...namesLeftOut(schema, given, []), ...explained];
}

/** valibot 1.5 leaves them out of records without a word, against prototype pollution. */
const LEFT_OUT: readonly string[] = ['__proto__', 'constructor', 'prototype'];

function namesLeftOut(schema: GenericSchema, value: unknown, path: readonly PathKey[]): readonly Explained[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => namesLeftOut(schema, item, [...path, index]));
  }
  if (!isPlainObject(value)) {
    return [];
  }
  const isRecord = schemasAt(schema, path).some(({ type }) => type === 'record');
  return Object.entries(value).flatMap(([key, item]) =>
    isRecord && LEFT_OUT.includes(key)
      ? [{ path: [...path, key], what: 'cannot be a name', hint: 'take another one', about: 'name' as const }]
      : namesLeftOut(schema, item, [...path, key]),
  );
}

/** valibot 1.5 takes a list for an object without required entries. */
function listsForMaps(schema: GenericSchema, value: unknown, path: readonly PathKey[]): readonly Explained[] {
  if (isPlainObject(value)) {
    return Object.entries(value).flatMap(([key, item]) => listsForMaps(schema, item, [...path, key]));
  }
  if (!Array.isArray(value)) {
    return [];
  }
  const types = schemasAt(schema, path).map((part) => part.type ?? '');
  if (types.some((type) => MAPS.includes(type)) && !types.some((type) => LISTS.includes(type))) {
    return [{ path, what: 'should be a map, is a list', about: 'value' }];
  }
  return value.flatMap((item: unknown, index) => listsForMaps(schema, item, [...path, index]));
}

interface Leaf {
  readonly issue: BaseIssue<unknown>;
  readonly path: readonly PathKey[];
}

/** A union fails with the issues of each option; those of the option that got furthest say the most. */
function leaves(issue: BaseIssue<unknown>, above: readonly PathKey[]): readonly Leaf[] {
  const path = [...above, ...(issue.path ?? []).map((item) => item.key as PathKey)];
  const deeper = (issue.issues ?? []).filter((inner) => (inner.path?.length ?? 0) > 0);
  return deeper.length > 0 ? deeper.flatMap((inner) => leaves(inner, path)) : [{ issue, path }];
}

function explain(schema: GenericSchema, given: unknown, { issue, path }: Leaf): readonly Explained[] {
  const aboutKey = issue.path?.at(-1)?.origin === 'key';
  if (aboutKey && issue.expected === 'never') {
    return unknownNames(schema, given, path);
  }
  const description = descriptionAt(schema, path);
  const hint = description && `${String(path.at(-1))}: ${description}`;
  if (aboutKey && issue.received === 'undefined') {
    return [{ path, what: 'is missing', hint, about: 'missing' }];
  }
  const expected = expectation(issue);
  const isSecret = isSecretAt(schema, path);
  const shown = isSecret ? '' : `, is ${received(issue.input)}`;
  const what = expected.startsWith('should') ? `${expected}${shown}` : expected;
  const about = aboutKey ? 'name' : 'value';
  const isMisplaced = issue.input instanceof Secret && !isSecret;
  return [{ path, what, hint: isMisplaced ? secretHint(expected) : hint, about }];
}

/** valibot stops at the first unknown name of a map; the user wants all of them. */
function unknownNames(schema: GenericSchema, given: unknown, path: readonly PathKey[]): readonly Explained[] {
  const parent = path.slice(0, -1);
  const known = namesAt(schema, parent);
  const map = parent.reduce<unknown>((value, key) => (value as Record<PathKey, unknown>)[key], given);
  const unknown = isPlainObject(map) ? Object.keys(map).filter((name) => !known.includes(name)) : [];
  return unknown.map((name) => ({
    path: [...parent, name],
    what: 'there is no such variable',
    hint: suggestionFor(name, known, 'known'),
    about: 'name',
  }));
}

/** The expectation in a schema's own message, or one made of what valibot expected. */
function expectation(issue: BaseIssue<unknown>): string {
  if (!issue.message.startsWith('Invalid ')) {
    return issue.message;
  }
  const { requirement } = issue;
  switch (issue.type) {
    case 'string':
      return 'should be a text';
    case 'number':
      return 'should be a number';
    case 'boolean':
      return 'should be true or false';
    case 'array':
    case 'tuple':
      return 'should be a list';
    case 'object':
    case 'strict_object':
    case 'loose_object':
    case 'record':
      return 'should be a map';
    case 'integer':
      return 'should be a whole number';
    case 'min_value':
      return `should be at least ${String(requirement)}`;
    case 'max_value':
      return `should be at most ${String(requirement)}`;
    case 'non_empty':
      return 'should not be empty';
    case 'min_length':
      return `should have at least ${String(requirement)} entries`;
    case 'max_length':
      return `should have at most ${String(requirement)} entries`;
    default:
      return `should be ${alternatives(issue.expected ?? 'something else')}`;
  }
}

/** `(Object | "off")` in words. */
function alternatives(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    Object: 'a map',
    Array: 'a list',
    string: 'a text',
    number: 'a number',
    boolean: 'true or false',
  };
  const names = expected.replaceAll(/^\(|\)$/g, '').split(' | ');
  return names.map((name) => words[name] ?? name).join(' or ');
}

function received(input: unknown): string {
  if (input instanceof Secret) {
    return 'a secret';
  }
  if (input === null || input === undefined) {
    return 'empty';
  }
  if (Array.isArray(input)) {
    return 'a list';
  }
  return typeof input === 'object' ? 'a map' : JSON.stringify(input);
}

function secretHint(expected: string): string {
  return `\${NAME} gives a secret, which this variable cannot be: ${expected.replace(/^should/, 'it should')}`;
}
