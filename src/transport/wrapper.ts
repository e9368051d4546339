import { quote } from '../core/script.ts';
import { askMark, readyMark } from './sudo-dialogue.ts';

/** How a script gets onto the host: a constant command line, and the script itself over stdin. */
export interface Wrapped {
  /** Reads the same in every login shell, fish and csh included; holds nothing of the script. */
  readonly line: string;
  /** What to send once the line runs. */
  readonly body: string;
}

export interface WrapOptions {
  readonly nonce: string;
  /** `undefined`: as the login user. */
  readonly sudoUser: string | undefined;
  readonly hasPassword: boolean;
  /** The caller's input follows the script; otherwise the script's stdin is /dev/null. */
  readonly hasInput: boolean;
}

/** Printed to stdout and stderr, followed by ` PGID.`, when the script starts. */
export const startMark = (nonce: string) => `rp-run-${nonce}`;

/** Above this a script is loaded in one piece: 100,000 commands in one group overflow dash's stack. */
const STREAMED_CHARS = 128 * 1024;

/**
 * Wraps a script so that it runs wholly or not at all.
 *
 * Small scripts without input: `sh -s` reads them from stdin, no fork (0.5 ms + 0.03 ms/KB on dash
 * 0.5.12). They are one `{ group }`, which sh parses to its end before it runs anything.
 * Otherwise `head -c` reads exactly the script, as sh reads ahead and would swallow input (+2 ms).
 */
export function wrap(text: string, options: WrapOptions): Wrapped {
  const loaded = options.hasInput || text.length > STREAMED_CHARS;
  const shell = loaded ? LOAD : 'exec sh -s';
  const command = options.hasPassword ? `printf %s ${readyMark(options.nonce)} >&2; ${shell}` : shell;
  return {
    line: `exec ${sudo(options)}${loaded || options.hasPassword ? `sh -c ${quote(command)}` : 'sh -s'}`,
    body: loaded ? loadedBody(text, options) : streamedBody(text, options),
  };
}

// Without the `|| exit` a host without head would exit 0 having run nothing.
const LOAD =
  'IFS= read -r rp_n && rp_s=$(head -c "$rp_n") || exit 125; ' +
  'case $rp_s in *"#end") eval "$rp_s";; *) exit 125;; esac';

function loadedBody(text: string, { nonce, hasInput }: WrapOptions): string {
  const script = `unset rp_n rp_s\n${start(nonce)}\n${hasInput ? '' : NO_INPUT}\n${text}\n#end`;
  return `${Buffer.byteLength(script)}\n${script}`;
}

function streamedBody(text: string, { nonce }: WrapOptions): string {
  // The empty line ends a trailing backslash; `false` is the status if the group never arrives.
  return `${start(nonce)}; false\n{ ${NO_INPUT}\n${text}\n\n}\n`;
}

const NO_INPUT = 'exec </dev/null';

/** Shell builtins only. The process group is the 5th field of proc(5) stat. */
function start(nonce: string): string {
  const print = `printf '%s %s.' ${startMark(nonce)} "$rp_g"`;
  return `read -r rp_x rp_x rp_x rp_x rp_g rp_x </proc/$$/stat; ${print}; ${print} >&2; unset rp_x rp_g`;
}

function sudo({ sudoUser, hasPassword, nonce }: WrapOptions): string {
  if (sudoUser === undefined) {
    return '';
  }
  const asking = hasPassword ? `-S -p ${askMark(nonce)}` : '-n';
  return `sudo ${asking} -H -u ${quote(sudoUser)} -- `;
}
