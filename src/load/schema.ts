import type { GenericSchema } from 'valibot';
import { suggest } from '../core/suggest.ts';

/** What a valibot schema says about itself, as far as errors and documentation need it. */
interface SchemaShape {
  readonly type?: string;
  readonly entries?: Readonly<Record<string, SchemaShape>>;
  readonly wrapped?: SchemaShape;
  readonly item?: SchemaShape;
  readonly items?: readonly SchemaShape[];
  readonly value?: SchemaShape;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly SchemaPart[];
}

/** A schema, or a step after it such as a description. */
interface SchemaPart extends SchemaShape {
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export type PathKey = string | number;

/** All schemas a value at `path` may be checked by; several below a union. */
export function schemasAt(schema: GenericSchema, path: readonly PathKey[]): readonly SchemaPart[] {
  let current = unwrap(schema as SchemaPart);
  for (const key of path) {
    current = current.flatMap((part) => childOf(part, key)).flatMap(unwrap);
  }
  return current;
}

/** Names a map at `path` may have; empty when any name goes or nothing is known. */
export function namesAt(schema: GenericSchema, path: readonly PathKey[]): readonly string[] {
  return [...new Set(schemasAt(schema, path).flatMap((part) => Object.keys(part.entries ?? {})))];
}

/** The description at `path`, the outermost one. */
export function descriptionAt(schema: GenericSchema, path: readonly PathKey[]): string | undefined {
  return schemasAt(schema, path)
    .flatMap((part) => part.pipe ?? [])
    .findLast((step) => step.type === 'description')?.description;
}

/** Whether the value at `path` must never be shown. */
export function isSecretAt(schema: GenericSchema, path: readonly PathKey[]): boolean {
  const steps = schemasAt(schema, path).flatMap((part) => part.pipe ?? []);
  return steps.some((step) => step.metadata?.['secret'] === true);
}

/**
 * Whether the value at `path`, or what it is a part of, was meant to be a secret: a name that there is not counts as
 * the one that it is most like.
 */
export function isMeantSecretAt(schema: GenericSchema, path: readonly PathKey[]): boolean {
  const meant: PathKey[] = [];
  return path.some((key) => {
    const names = namesAt(schema, meant);
    const isKnown = typeof key === 'number' || names.length === 0 || names.includes(key);
    meant.push(isKnown ? key : (suggest(key, names) ?? key));
    return isSecretAt(schema, meant);
  });
}

/** The schema itself and what it stands for: behind `optional`, in a pipe, in a union's options. */
function unwrap(part: SchemaPart): readonly SchemaPart[] {
  const inner = [
    ...(part.wrapped ? [part.wrapped] : []),
    ...(part.pipe ?? []).filter((step) => step !== part && isSchema(step)),
    ...(part.type === 'union' || part.type === 'variant' ? (part.options ?? []).filter(isSchema) : []),
  ];
  return [part, ...inner.flatMap(unwrap)];
}

function childOf(part: SchemaPart, key: PathKey): readonly SchemaPart[] {
  if (typeof key === 'number') {
    return [part.item, part.items?.[key]].filter((child) => child !== undefined);
  }
  const entry = part.entries && Object.hasOwn(part.entries, key) ? part.entries[key] : undefined;
  return [entry, part.type === 'record' ? part.value : undefined].filter((child) => child !== undefined);
}

function isSchema(part: unknown): part is SchemaPart {
  return typeof part === 'object' && part !== null && 'kind' in part && part.kind === 'schema';
}
