import { createHash } from 'node:crypto';
import type { Facts } from '../core/facts.ts';

/** A file's text, or a pure function that gives it once the host's facts are known. */
export type Content = string | ((facts: Facts) => string);

export function renderContent(content: Content, facts: Facts): string {
  return typeof content === 'string' ? content : content(facts);
}

/** The first 16 hex digits of the SHA-256 of the given texts, their borders included. */
export function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) {
    hash.update(`${Buffer.byteLength(text)}:`).update(text);
  }
  return hash.digest('hex').slice(0, 16);
}
