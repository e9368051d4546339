import { Writable } from 'node:stream';

/** A stream that keeps what is written to it, of the kind that a process has. */
export class Sink extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows = 40;
  readonly writes: string[] = [];

  constructor({ isTTY = false, columns = 80 }: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.toString());
    done();
  }

  get text(): string {
    return this.writes.join('');
  }

  /** As the type that the program asks for; it uses no more of it than is here. */
  get stream(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }
}
