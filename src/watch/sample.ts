/**
 * Why a request counts as lost.
 *
 * `not connected` and `not answered` are timeouts; `cut short` ended before all that was announced had come;
 * `not HTTP` is an answer of another protocol; `error EMFILE` is trouble of the prober's own machine.
 */
export type Loss =
  | 'refused'
  | 'reset'
  | 'unreachable'
  | 'not connected'
  | 'not answered'
  | 'cut short'
  | 'not HTTP'
  | `status ${number}`
  | `error ${string}`;

/** How one request ended; a status of 400 or more is a loss. */
export type Outcome =
  | { readonly is: 'answered'; readonly status: number }
  | { readonly is: 'lost'; readonly reason: Loss };

/** One request of a prober. Times are milliseconds since the prober's start. */
export interface Sample {
  readonly port: number;
  readonly sentMs: number;
  readonly endedMs: number;
  readonly outcome: Outcome;
}
