import { Secret } from '../core/secret.ts';

const MASK = Buffer.from(String(new Secret('')));

/** Changes a stream chunk by chunk; what it holds back comes with `end()`. */
export interface Filter {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** Cuts chunks between characters only, for readers that decode each chunk on its own, as zx does. */
export class WholeCharacters implements Filter {
  #tail: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer {
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const cut = lastCharacterEnd(bytes);
    this.#tail = bytes.subarray(cut);
    return bytes.subarray(0, cut);
  }

  end(): Buffer {
    return this.#tail;
  }
}

/** Replaces secrets by `[secret]`, also those cut between two chunks. */
export class Masking implements Filter {
  readonly #values: readonly Buffer[];
  readonly #heldBytes: number;
  #tail: Buffer = Buffer.alloc(0);

  constructor(secrets: readonly Secret[]) {
    this.#values = secrets
      .map((secret) => Buffer.from(secret.reveal()))
      .filter((value) => value.length > 0)
      .toSorted((a, b) => b.length - a.length);
    this.#heldBytes = Math.max(0, (this.#values[0]?.length ?? 0) - 1);
  }

  push(chunk: Buffer): Buffer {
    if (this.#values.length === 0) {
      return chunk;
    }
    const shown: Buffer[] = [];
    let bytes = Buffer.concat([this.#tail, chunk]);
    for (let hit = this.#first(bytes); hit !== undefined; hit = this.#first(bytes)) {
      shown.push(bytes.subarray(0, hit.at), MASK);
      bytes = bytes.subarray(hit.at + hit.length);
    }
    const cut = Math.max(0, bytes.length - this.#heldBytes);
    this.#tail = bytes.subarray(cut);
    return Buffer.concat([...shown, bytes.subarray(0, cut)]);
  }

  end(): Buffer {
    return this.#tail;
  }

  #first(bytes: Buffer): { at: number; length: number } | undefined {
    let first: { at: number; length: number } | undefined;
    for (const value of this.#values) {
      const at = bytes.indexOf(value);
      if (at >= 0 && (first === undefined || at < first.at)) {
        first = { at, length: value.length };
      }
    }
    return first;
  }
}

function lastCharacterEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isContinuation = (byte & 0xc0) === 0x80;
    if (!isContinuation) {
      return characterBytes(byte) > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function characterBytes(first: number): number {
  if (first >= 0xf0) {
    return 4;
  }
  if (first >= 0xe0) {
    return 3;
  }
  return first >= 0xc0 ? 2 : 1;
}
