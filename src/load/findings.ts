import { InvalidInput, type Trouble } from '../core/error.ts';
import { maskHeard, type Secret } from '../core/secret.ts';
import type { Place } from '../core/inventory.ts';

/** Everything found wrong while loading, collected so that the user sees all of it at once. */
export class Findings {
  readonly #troubles = new Map<string, Trouble>();
  readonly #secrets: Secret[] = [];

  /** Keeps a value out of every line that is shown. */
  hide(secret: Secret): void {
    this.#secrets.push(secret);
  }

  /** The same finding at the same place counts once: a group's variable is wrong on each of its hosts. */
  add(place: Place | undefined, what: string, hint?: string): void {
    const why = place?.excerpt.length ? place.excerpt : undefined;
    this.addTrouble({ what, why, from: place?.origin, hint });
  }

  addTrouble(trouble: Trouble): void {
    const key = `${trouble.from}\n${trouble.what}`;
    if (!this.#troubles.has(key)) {
      this.#troubles.set(key, trouble);
    }
  }

  get count(): number {
    return this.#troubles.size;
  }

  /** @throws InvalidInput with all of them, file by file from top to bottom */
  throwIfAny(): void {
    if (this.count > 0) {
      const troubles = [...this.#troubles.values()].map((trouble) => ({
        ...trouble,
        // An excerpt may be cut within a secret.
        why: trouble.why?.map((line) => maskHeard(line, this.#secrets)),
      }));
      const files = troubles.map((trouble) => spot(trouble).file);
      throw new InvalidInput(
        troubles.toSorted((a, b) => {
          const [one, other] = [spot(a), spot(b)];
          return (
            files.indexOf(one.file) - files.indexOf(other.file) ||
            one.line - other.line ||
            one.column - other.column
          );
        }),
      );
    }
  }
}

function spot({ from = '' }: Trouble): {
  readonly file: string;
  readonly line: number;
  readonly column: number;
} {
  const [, file = from, line, column] = /^(.*?):(\d+):(\d+)$/.exec(from) ?? [];
  return { file, line: Number(line ?? 0), column: Number(column ?? 0) };
}
