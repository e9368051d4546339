import { inspect } from 'node:util';

const MASK = '[secret]';

/** A value that prints `[secret]` wherever it is shown; only `reveal()` gives it away. */
export class Secret {
  readonly #value: string;
  /** Where it came from, such as `VRRP_PASS`. */
  readonly name: string;

  constructor(value: string, name = 'secret') {
    this.#value = value;
    this.name = name;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/** `text` with every occurrence of a secret's value replaced by `[secret]`. */
export function mask(text: string, secrets: readonly Secret[]): string {
  // The longest first, or a secret that contains another leaves its rest visible.
  const values = secrets
    .map((secret) => secret.reveal())
    .filter((value) => value.length > 0)
    .toSorted((a, b) => b.length - a.length);
  let shown = text;
  for (const value of values) {
    shown = shown.replaceAll(value, MASK);
  }
  return shown;
}
