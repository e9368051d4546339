/** A valibot schema, or a step of its pipe, as far as its JSON Schema needs it. */
interface Part {
  readonly type?: string;
  readonly entries?: Readonly<Record<string, Part>>;
  readonly wrapped?: Part;
  readonly item?: Part;
  readonly value?: Part;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly pipe?: readonly Part[];
  readonly requirement?: unknown;
  readonly description?: string;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema (draft 2020-12) of a valibot schema; keys that it does not know may be there.
 *
 * @param named schemas that are written down once, by name
 * @throws Error a kind of schema, or a step of a pipe, that it does not know: it would be left out without a word
 */
export function jsonSchema(schema: unknown, named: Readonly<Record<string, unknown>>): Json {
  const names = new Map(Object.entries(named).map(([name, part]) => [part, name]));
  const inner = (part: Part): Json => {
    const name = names.get(part);
    return name === undefined ? written(part, inner) : { $ref: `#/$defs/${name}` };
  };
  const definitions = Object.entries(named).map(([name, part]) => [name, written(part as Part, inner)]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...written(schema as Part, inner),
    $defs: Object.fromEntries(definitions),
  };
}

function written(part: Part, inner: (part: Part) => Json): Json {
  const [first, ...steps] = part.pipe ?? [];
  if (first !== undefined) {
    return Object.assign({}, inner(first), ...steps.map(stepOf)) as Json;
  }
  switch (part.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return { type: part.type };
    case 'literal':
      return { const: part.literal };
    case 'picklist':
    case 'enum':
      return { enum: part.options };
    case 'array':
      return { type: 'array', items: inner(part.item ?? {}) };
    case 'record':
      return { type: 'object', additionalProperties: inner(part.value ?? {}) };
    case 'optional':
      return inner(part.wrapped ?? {});
    case 'object':
    case 'strict_object':
      return objectOf(part.entries ?? {}, inner);
    default:
      throw new Error(`no JSON Schema is known for ${part.type}`);
  }
}

function objectOf(entries: Readonly<Record<string, Part>>, inner: (part: Part) => Json): Json {
  const required = Object.entries(entries).filter(([, part]) => !isOptional(part));
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(entries).map(([name, part]) => [name, inner(part)])),
    required: required.map(([name]) => name),
  };
}

function isOptional({ type, pipe = [] }: Part): boolean {
  return type === 'optional' || pipe[0]?.type === 'optional';
}

function stepOf({ type, description, requirement }: Part): Json {
  switch (type) {
    case 'description':
      return { description };
    case 'regex':
      return { pattern: (requirement as RegExp).source };
    case 'integer':
      return { type: 'integer' };
    case 'min_value':
      return { minimum: requirement };
    case 'readonly':
      return {};
    case 'iso_timestamp':
      return { format: 'date-time' };
    case 'iso_date':
      return { format: 'date' };
    default:
      throw new Error(`no JSON Schema is known for ${type}`);
  }
}
