import { Secret } from './secret.ts';

/** The keyed digest of a text, in hexadecimal: equal texts have equal digests, and without the key nothing is learnt of a text. */
export type Digest = (text: string) => string;

/**
 * The one text that stands for a value: equal values give equal texts, in whatever order their fields were set.
 *
 * Secrets are revealed in it: it is for digests only.
 *
 * @throws TypeError a value that contains itself
 */
export function canonicalText(value: unknown): string {
  return written(value, []);
}

function written(value: unknown, above: readonly unknown[]): string {
  if (typeof value === 'function') {
    return `function ${JSON.stringify(Function.prototype.toString.call(value))}`;
  }
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${String(value)}`;
  }
  if (above.includes(value)) {
    throw new TypeError('a value that contains itself has no digest');
  }
  const inner = (item: unknown) => written(item, [...above, value]);
  if (value instanceof Secret) {
    return `secret ${JSON.stringify(value.reveal())}`;
  }
  if (value instanceof Uint8Array) {
    return `bytes ${Buffer.from(value).toString('hex')}`;
  }
  if (value instanceof Map || value instanceof Set) {
    return `${value instanceof Map ? 'map' : 'set'} [${[...value].map(inner).join(',')}]`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(inner).join(',')}]`;
  }
  if (value instanceof RegExp || value instanceof Date) {
    return `${value.constructor.name} ${JSON.stringify(String(value))}`;
  }
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, item]) => `${JSON.stringify(name)}:${inner(item)}`).join(',')}}`;
}
