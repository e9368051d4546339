/** What a host is, read by the same probe as everything else. */
export interface Facts {
  /** `debian`, `ubuntu` (os-release ID). */
  readonly os: string;
  /** `12`, `22.04` (os-release VERSION_ID; empty on a testing release). */
  readonly osVersion: string;
  readonly systemd: boolean;
  readonly interfaces: readonly Interface[];
  /**
   * Version installed, or else the one apt would install; `undefined` when neither is known.
   *
   * @throws ProbeIncomplete when no resource of the plan reads that package
   */
  packageVersion(name: string): string | undefined;
}

export interface Interface {
  readonly name: string;
  /** IPv4 and IPv6 addresses with prefix length: `172.25.254.131/24`. */
  readonly addresses: readonly string[];
}
