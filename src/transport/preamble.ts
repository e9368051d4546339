const KEPT_BYTES = 64 * 1024;

/**
 * The bytes of a stream before the script's own: words of sudo, noise of the login shell's rc files.
 */
export class Preamble {
  readonly #mark: string;
  #bytes: Buffer = Buffer.alloc(0);
  #group: string | undefined;

  /** @param mark is followed by ` PGID.`; the script's own bytes come next */
  constructor(mark: string) {
    this.#mark = mark;
  }

  /** Process group of the script; `undefined` until it started, empty when the host tells none (no /proc). */
  get group(): string | undefined {
    return this.#group;
  }

  get text(): string {
    return this.#bytes.toString('utf8');
  }

  /** The part of `chunk` that is the script's own. */
  push(chunk: Buffer): Buffer {
    if (this.#group !== undefined) {
      return chunk;
    }
    const bytes = Buffer.concat([this.#bytes, chunk]);
    const from = bytes.indexOf(this.#mark);
    const to = from < 0 ? -1 : bytes.indexOf('.', from + this.#mark.length);
    if (to < 0) {
      this.#bytes = bytes.subarray(-KEPT_BYTES);
      return Buffer.alloc(0);
    }
    const group = bytes.toString('latin1', from + this.#mark.length, to).trim();
    // It goes into the command that kills; process 1 leads no group of ours.
    this.#group = /^[1-9]\d{0,9}$/.test(group) && group !== '1' ? group : '';
    this.#bytes = bytes.subarray(0, from);
    return bytes.subarray(to + 1);
  }
}
