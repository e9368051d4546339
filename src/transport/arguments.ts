import { quote, sh, type Script, type ShellArgument } from '../core/script.ts';
import type { Secret } from '../core/secret.ts';

/** A template's value as shell text, once it is there: values of zx commands may be promises. */
export type Rendered = string | PromiseLike<string>;

/**
 * The values of a zx template as shell text.
 *
 * zx itself would turn each into a string first: `undefined`, `[object Object]`, and `[secret]` for a Secret.
 *
 * @param secrets takes the secrets found in the values
 * @throws TypeError on a value that is no ShellArgument, output or promise of one
 */
export function renderArguments(values: readonly unknown[], secrets: Secret[]): readonly Rendered[] {
  return values.map((value, index) => {
    if (isPromise(value)) {
      return value.then((settled) => render(settled, index, secrets));
    }
    return render(value, index, secrets);
  });
}

/** Template strings around one value and nothing else. */
const BARE: TemplateStringsArray = Object.assign(['', ''], { raw: ['', ''] });

function render(value: unknown, index: number, secrets: Secret[]): string {
  if (isOutput(value)) {
    // As zx and $(…) do: the line's end is not part of the value.
    return quote(value.stdout.replace(/\n$/, ''));
  }
  let script: Script;
  try {
    // sh`` itself refuses what is no ShellArgument.
    script = sh(BARE, value as ShellArgument);
  } catch (error) {
    throw new TypeError(`value ${index + 1} of the command: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
  secrets.push(...script.secrets);
  return script.text;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function isOutput(value: unknown): value is { readonly stdout: string } {
  return typeof value === 'object' && value !== null && 'stdout' in value && typeof value.stdout === 'string';
}
