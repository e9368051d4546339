import type { Role } from '../../src/core/role.ts';

/** A valibot schema, or a step of its pipe, as far as its page needs it. */
interface Part {
  readonly kind?: string;
  readonly type?: string;
  readonly entries?: Readonly<Record<string, Part>>;
  readonly wrapped?: Part;
  readonly default?: unknown;
  readonly item?: Part;
  readonly value?: Part;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly pipe?: readonly Part[];
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly message?: unknown;
}

interface Row {
  readonly name: string;
  readonly is: string;
  readonly defaults: string;
  readonly description: string;
}

const LONGEST_DEFAULT = 48;

/** The page of one role: every variable with what it may be, its default and what it is for. */
export function rolePage({ name, description, vars }: Role): string {
  const rows = rowsOf(vars as Part, name);
  const cells = rows.map(({ name: variable, is, defaults, description: about }) => [
    `\`${variable}\``,
    is,
    defaults === '' ? '' : `\`${defaults}\``,
    about,
  ]);
  return [
    `# ${name}`,
    description,
    'Made of the role’s `vars.ts` by `npm run docs`. `NAME` stands for a name of yours, `[]` for each item of a list.',
    table([['variable', 'is', 'default', ''], ...cells]),
  ].join('\n\n');
}

/** A map's entries, each with what is below it. */
function rowsOf(part: Part, path: string): readonly Row[] {
  const inner = unwrapped(part);
  const maps = inner.type === 'variant' ? (inner.options as readonly Part[]) : [inner];
  const entries = maps.flatMap((map) => Object.entries(map.entries ?? {}));
  return entries
    .filter(([name], index) => entries.findIndex(([other]) => other === name) === index)
    .flatMap(([name, entry]) => [rowOf(entry, `${path}.${name}`), ...below(entry, `${path}.${name}`)]);
}

function below(part: Part, path: string): readonly Row[] {
  const inner = unwrapped(part);
  switch (inner.type) {
    case 'array':
      return inner.item === undefined ? [] : below(inner.item, `${path}[]`);
    case 'record':
      return inner.value === undefined ? [] : below(inner.value, `${path}.NAME`);
    case 'union':
      return inner.options?.flatMap((option) => below(option as Part, path)) ?? [];
    default:
      return rowsOf(inner, path);
  }
}

function rowOf(part: Part, name: string): Row {
  return { name, is: typeOf(part), defaults: defaultOf(part), description: descriptionOf(part) ?? '' };
}

/** Behind `optional`, and the schema that a pipe begins with. */
function unwrapped(part: Part): Part {
  if (part.wrapped !== undefined) {
    return unwrapped(part.wrapped);
  }
  const inner = part.pipe?.find((step) => step !== part && step.wrapped !== undefined)?.wrapped;
  return inner === undefined ? part : unwrapped(inner);
}

function stepsOf(part: Part): readonly Part[] {
  const piped = part.pipe?.filter((step) => step !== part) ?? [];
  const wrapped = part.wrapped === undefined ? [] : stepsOf(part.wrapped);
  return [part, ...piped.flatMap(stepsOf), ...wrapped];
}

function descriptionOf(part: Part): string | undefined {
  return stepsOf(part).find((step) => step.type === 'description')?.description;
}

function defaultOf(part: Part): string {
  const value = stepsOf(part).find((step) => step.type === 'optional' && step.default !== undefined)?.default;
  const isNothing =
    value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
  const text = isNothing ? '' : JSON.stringify(value);
  return text.length > LONGEST_DEFAULT ? `${text.slice(0, LONGEST_DEFAULT)}…` : text;
}

/** In the words of the errors where they say it, otherwise by its kind. */
function typeOf(part: Part): string {
  const steps = stepsOf(part);
  if (steps.some((step) => step.metadata?.['secret'] === true)) {
    return 'a secret';
  }
  const inner = unwrapped(part);
  switch (inner.type) {
    case 'strict_object':
    case 'variant':
      return 'a map';
    case 'record':
      return 'a map by name';
    case 'array':
      return inner.item === undefined ? 'a list' : `a list: ${typeOf(inner.item)}`;
    case 'boolean':
      return '`true` or `false`';
    case 'literal':
      return `\`${String(inner.literal)}\``;
    case 'picklist':
      return (inner.options ?? []).map((option) => `\`${String(option)}\``).join(', ');
    default:
      return expected(steps) ?? inner.type ?? '';
  }
}

/** `should be a port (1-65535)` */
function expected(steps: readonly Part[]): string | undefined {
  const messages = steps.flatMap(({ message }) => (typeof message === 'string' ? [message] : []));
  return messages
    .at(-1)
    ?.replace(/^should be /, '')
    .split('\n')[0];
}

function table(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return [lines[0], '| --- | --- | --- | --- |', ...lines.slice(1)].join('\n');
}
