type Schema = Readonly<Record<string, unknown>>;

/**
 * What of a document a JSON Schema does not allow, with where it stands; keys that the schema does not name are told
 * as well, though a reader has to put up with them.
 *
 * @throws Error the schema has a keyword that is not checked here
 */
export function violations(document: unknown, schema: Schema): readonly string[] {
  return check(document, schema, { path: '', root: schema });
}

interface Place {
  readonly path: string;
  readonly root: Schema;
}

const KNOWN = new Set([
  '$schema',
  '$defs',
  '$ref',
  'title',
  'description',
  'type',
  'properties',
  'required',
  'items',
  'enum',
  'const',
  'pattern',
  'format',
  'minimum',
  'additionalProperties',
]);

function check(value: unknown, schema: Schema, { path, root }: Place): readonly string[] {
  const stranger = Object.keys(schema).find((keyword) => !KNOWN.has(keyword));
  if (stranger !== undefined) {
    throw new Error(`${path}: the keyword ${stranger} is not checked`);
  }
  const { $ref, type, enum: options, const: only, pattern, format, minimum } = schema;
  if (typeof $ref === 'string') {
    const definition = (root['$defs'] as Record<string, Schema>)[$ref.replace('#/$defs/', '')];
    return definition === undefined
      ? [`${path}: there is no ${$ref}`]
      : check(value, definition, { path, root });
  }
  const wrong = [
    type !== undefined && typeOf(value) !== type && `is ${typeOf(value)}, not ${String(type)}`,
    Array.isArray(options) && !options.includes(value) && `is none of ${options.join(', ')}`,
    only !== undefined && value !== only && `is not ${String(only)}`,
    typeof pattern === 'string' && !new RegExp(pattern).test(String(value)) && `does not match ${pattern}`,
    format === 'date-time' &&
      !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(value)) &&
      'is no moment',
    format === 'date' && !/^\d{4}-\d\d-\d\d$/.test(String(value)) && 'is no day',
    typeof minimum === 'number' && Number(value) < minimum && `is less than ${minimum}`,
  ];
  return [
    ...wrong.filter((text) => typeof text === 'string').map((text) => `${path}: ${text}`),
    ...below(value, schema, { path, root }),
  ];
}

function below(value: unknown, schema: Schema, { path, root }: Place): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      check(item, (schema['items'] ?? {}) as Schema, { path: `${path}/${index}`, root }),
    );
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const others = schema['additionalProperties'] as Schema | undefined;
  const missing = ((schema['required'] ?? []) as readonly string[]).filter((name) => !(name in value));
  return [
    ...missing.map((name) => `${path}: ${name} is missing`),
    ...Object.entries(value).flatMap(([name, item]) => {
      const own = properties[name] ?? others;
      const at = `${path}/${name}`;
      return own === undefined ? [`${at}: is not in the schema`] : check(item, own, { path: at, root });
    }),
  ];
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
}
