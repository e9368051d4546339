import { X509Certificate } from 'node:crypto';
import type { Observation } from '../core/drift.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate of a service, as a host has it. */
export interface HostCertificate {
  readonly host: string;
  /** The path of its file, or what the service calls it. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** When the certificate ends, in milliseconds since 1970, and its number; undefined when it is none. */
export function readCertificate(
  pem: string,
): { readonly endsAt: number; readonly serial: string } | undefined {
  try {
    const { validTo, serialNumber } = new X509Certificate(pem);
    return { endsAt: Date.parse(validTo), serial: serialNumber };
  } catch {
    return undefined;
  }
}

/** Certificates that end in fewer days than `days`; one that has ended is no drift any more, the service suffers. */
export function endingCertificates(
  certificates: readonly HostCertificate[],
  { days, hint }: { readonly days: number; readonly hint: string },
): readonly Observation[] {
  const now = Date.now();
  return certificates
    .filter(({ endsAt }) => days > 0 && endsAt - now < days * DAY_MS)
    .map(({ host, name, endsAt }): Observation => {
      const day = new Date(endsAt).toISOString().slice(0, 10);
      return {
        host,
        item: `certificate ${name}`,
        class: 'certificate',
        severity: endsAt < now ? 'degraded' : 'drift',
        expected: `valid for ${days} more days`,
        found: `${endsAt < now ? 'ended' : 'ends'} on ${day}`,
        hint,
      };
    });
}
