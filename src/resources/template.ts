import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ejs, { type Options, type TemplateFunction } from 'ejs';

/** A compiled template: a pure function from its values to text. */
export type Template<V extends object> = (values: V) => string;

/**
 * The template at `templates/NAME` beside the module that asks for it, compiled on first use.
 *
 * `<%= %>` takes strings and numbers only; a name that is not given, undefined, null and objects are errors
 * that name file and line. Values stand under `v`.
 *
 * @param base `import.meta.url` of the asking module
 */
export function template<V extends object>(base: string, name: string): Template<V> {
  let compiled: TemplateFunction | undefined;
  return (values) => {
    compiled ??= compile(base, name);
    // EJS copies what it is given, which would undo the proxy: it goes one level down.
    return compiled({ v: strict(values, name) });
  };
}

function compile(base: string, name: string): TemplateFunction {
  const filename = fileURLToPath(new URL(`templates/${name}`, base));
  return ejs.compile(readFileSync(filename, 'utf8'), {
    escape: plainText,
    strict: true,
    _with: false,
    destructuredLocals: ['v'],
    filename,
  } as Options) as TemplateFunction;
}

function plainText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') {
    return String(value);
  }
  throw new TypeError(
    `a template value must be a string or a number, not ${value === null ? 'null' : typeof value}`,
  );
}

/** EJS renders an unknown name as nothing; here it is an error. */
function strict<V extends object>(values: V, file: string): V {
  return new Proxy(values, {
    get(target, name) {
      if (typeof name === 'string' && !(name in target)) {
        throw new ReferenceError(`${file} uses v.${name}, which is not given`);
      }
      return Reflect.get(target, name);
    },
  });
}
