import { maskHeard, type Secret } from '../core/secret.ts';

/** A line that is longer than this is masked in parts of as many bytes. */
const LINE_MAX_BYTES = 64 * 1024;

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

/** Replaces secrets, and pieces of them, by `[secret]`: line by line, as a chunk may end within one. */
export class Masking implements Filter {
  readonly #secrets: readonly Secret[];
  #line: Buffer = Buffer.alloc(0);

  constructor(secrets: readonly Secret[]) {
    this.#secrets = secrets;
  }

  push(chunk: Buffer): Buffer {
    if (this.#secrets.length === 0) {
      return chunk;
    }
    const bytes = Buffer.concat([this.#line, chunk]);
    const end = bytes.length > LINE_MAX_BYTES ? bytes.length : bytes.lastIndexOf('\n') + 1;
    this.#line = bytes.subarray(end);
    return this.#masked(bytes.subarray(0, end));
  }

  end(): Buffer {
    return this.#masked(this.#line);
  }

  #masked(bytes: Buffer): Buffer {
    return Buffer.from(maskHeard(bytes.toString('utf8'), this.#secrets));
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
