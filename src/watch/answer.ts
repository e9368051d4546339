import type { Outcome } from '../core/watch.ts';

/** No server of ours sends a longer head. */
const HEAD_MAX_BYTES = 64 * 1024;

/** An HTTP answer while it comes in; of its body only the length is kept. */
export class Answer {
  #head = Buffer.alloc(0);
  #bodyBytes = 0;
  #parsed: { readonly status: number; readonly lengthBytes: number | undefined } | undefined;
  #isHttp = true;

  push(chunk: Buffer): void {
    if (this.#parsed !== undefined) {
      this.#bodyBytes += chunk.length;
      return;
    }
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end >= 0) {
      this.#parsed = parseHead(this.#head.toString('latin1', 0, end));
      this.#isHttp = this.#parsed !== undefined;
      this.#bodyBytes = this.#head.length - end - 4;
    } else if (this.#head.length > HEAD_MAX_BYTES) {
      this.#isHttp = false;
    }
  }

  /** Whether nothing that could still come changes the outcome. */
  get isDecided(): boolean {
    const length = this.#parsed?.lengthBytes;
    return !this.#isHttp || (length !== undefined && this.#bodyBytes >= length);
  }

  /** What it is if nothing more comes. */
  outcome(): Outcome {
    if (!this.#isHttp) {
      return { is: 'lost', reason: 'not HTTP' };
    }
    if (this.#parsed === undefined || this.#bodyBytes < (this.#parsed.lengthBytes ?? 0)) {
      return { is: 'lost', reason: 'cut short' };
    }
    const { status } = this.#parsed;
    // A server that refuses a request is there: 4xx is the site's own business.
    return status < 500 ? { is: 'answered', status } : { is: 'lost', reason: `status ${status}` };
  }
}

function parseHead(
  head: string,
): { readonly status: number; readonly lengthBytes: number | undefined } | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(head)?.[1];
  const length = /^content-length:[ \t]*(\d+)/im.exec(head)?.[1];
  return status === undefined
    ? undefined
    : { status: Number(status), lengthBytes: length === undefined ? undefined : Number(length) };
}
