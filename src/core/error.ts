/** How a run ends, as the process's exit code. */
export const EXIT = {
  converged: 0,
  failed: 1,
  changesPending: 2,
  rolledBack: 3,
  unreachable: 4,
  invalidInput: 5,
  locked: 6,
  planStale: 7,
  degraded: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How hosts may end a run, by how much it says about what to do. */
const BY_SEVERITY: readonly ExitCode[] = [
  EXIT.unreachable,
  EXIT.locked,
  EXIT.planStale,
  EXIT.rolledBack,
  EXIT.failed,
];

/** A failed change says more about what to do than a host that was never reached. */
export function worstExit(exits: readonly ExitCode[]): ExitCode | undefined {
  return exits.toSorted((a, b) => BY_SEVERITY.indexOf(b) - BY_SEVERITY.indexOf(a))[0];
}

/** What an error tells: where, what, why, now what. Every text is free of secrets. */
export interface Trouble {
  /** Code of the rule that was broken: `run-playbook explain` tells more. */
  readonly code?: string | undefined;
  /** Host the trouble is on. */
  readonly host?: string | undefined;
  /** Id of the resource, or the check's name. */
  readonly resource?: string | undefined;
  readonly what: string;
  /** Evidence, a line each: last lines of stderr, the config parser's words. */
  readonly why?: readonly string[] | undefined;
  /** Shown form of the command that failed, and how it ended. */
  readonly command?: string | undefined;
  /** `exit 1`, `signal SIGKILL`, `timed out after 30 s`, `connection lost`. */
  readonly ended?: string | undefined;
  /** `inventory/hosts.yml:5:11` or `roles/nginx/index.ts:14`. */
  readonly from?: string | undefined;
  /** What to do now. */
  readonly hint?: string | undefined;
}

/** An error that a person can act on; `exit` says how the run ends because of it. */
export abstract class RunError extends Error {
  abstract readonly exit: ExitCode;

  readonly trouble: Trouble;

  constructor(trouble: Trouble, options?: ErrorOptions) {
    super([trouble.host, trouble.resource, trouble.what].filter(Boolean).join('  '), options);
    this.name = new.target.name;
    this.trouble = trouble;
  }
}

/** Inventory, variables, playbook or command line are wrong; nothing was touched. */
export class InvalidInput extends RunError {
  override readonly exit = EXIT.invalidInput;
  readonly troubles: readonly Trouble[];

  /** @param troubles everything found, not only the first */
  constructor(troubles: readonly Trouble[]) {
    super(troubles[0] ?? { what: 'invalid input' });
    this.troubles = troubles;
  }
}

/** No usable connection to the host: DNS, TCP, key exchange, host key, login or sudo. */
export class Unreachable extends RunError {
  override readonly exit = EXIT.unreachable;
}

/** The login works, but the host did not run the command as the wanted user: an answer, and asking again is no use. */
export class BecomeFailed extends Unreachable {}

/** A change, a reload, a validator or verify failed on the host. */
export class HostFailed extends RunError {
  override readonly exit = EXIT.failed;
}

/** Another run holds the host's lock. */
export class Locked extends RunError {
  override readonly exit = EXIT.locked;
}

/** The host is no longer as it was when the plan was shown. */
export class PlanStale extends RunError {
  override readonly exit = EXIT.planStale;
}

/** An error in the shape of the house: where and what, then why, from, do. */
export function formatTrouble(trouble: Trouble): string {
  const place = [trouble.host, trouble.resource].filter(Boolean).join('  ');
  const head = [trouble.code, place === '' ? trouble.what : `${place}: ${trouble.what}`];
  const rows: (readonly [string, string])[] = [];
  if (trouble.command !== undefined) {
    rows.push(['ran', [trouble.command, trouble.ended && `(${trouble.ended})`].filter(Boolean).join('  ')]);
  } else if (trouble.ended !== undefined) {
    rows.push(['ended', trouble.ended]);
  }
  for (const line of trouble.why ?? []) {
    rows.push(['why', line]);
  }
  if (trouble.from !== undefined) {
    rows.push(['from', trouble.from]);
  }
  if (trouble.hint !== undefined) {
    rows.push(['do', trouble.hint]);
  }
  if (trouble.code !== undefined) {
    rows.push(['more', `run-playbook explain ${trouble.code}`]);
  }
  const lines = rows.map(([label, text], index) => {
    const shown = index > 0 && rows[index - 1]?.[0] === label ? '' : label;
    return `  ${shown.padEnd(5)} ${text.replaceAll('\n', '\n        ')}`;
  });
  return [head.filter(Boolean).join('  '), ...lines].join('\n');
}
