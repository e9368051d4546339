/** A request that clients make, sent over and over while hosts change. */
export interface WatchTarget {
  /** IP address; a name would be looked up for every request. */
  readonly address: string;
  readonly port: number;
  readonly path: string;
  /** Host header. */
  readonly host: string;
  /** Over TLS; the certificate is not verified. */
  readonly tls?: boolean;
}
