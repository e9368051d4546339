import { maskHeard, type Secret } from '../core/secret.ts';

/** Printed by sudo when it wants the password. */
export const askMark = (nonce: string) => `rp-ask-${nonce}`;
/** Printed to stderr once sudo let us in. */
export const readyMark = (nonce: string) => `rp-up-${nonce}`;

/** What to send next; `refused`: sudo asks again, so the password was wrong. */
export type SudoStep = 'wait' | 'password' | 'script' | 'refused';

/**
 * What to send to a sudo that may ask for a password.
 *
 * The password only after sudo's own prompt, or the script would be read as one; the script only
 * once sudo let us in, or sudo would read it as further guesses.
 */
export class SudoDialogue {
  readonly #nonce: string;
  readonly #secrets: readonly Secret[];
  #isPasswordSent = false;
  #isOver = false;

  constructor(nonce: string, secrets: readonly Secret[]) {
    this.#nonce = nonce;
    this.#secrets = secrets;
  }

  /** @param words all that was printed to stderr so far */
  next(words: string): SudoStep {
    if (this.#isOver) {
      return 'wait';
    }
    const asked = words.split(askMark(this.#nonce)).length - 1;
    if (words.includes(readyMark(this.#nonce))) {
      this.#isOver = true;
      return 'script';
    }
    if (asked > 1) {
      this.#isOver = true;
      return 'refused';
    }
    if (asked === 1 && !this.#isPasswordSent) {
      this.#isPasswordSent = true;
      return 'password';
    }
    return 'wait';
  }

  /** `words` as a person may read them. */
  readable(words: string): string {
    return maskHeard(words.replaceAll(askMark(this.#nonce), '\n'), this.#secrets);
  }
}
