import {
  certificateAt,
  endingCertificates,
  outputOf,
  readCertificate,
  sh,
  type ClusterHost,
  type Observation,
  type Seen,
} from 'run-playbook';
import type { DriftVars } from '../drift/vars.ts';
import type { NginxVars } from './vars.ts';

/** Where the drift role is not in the playbook. */
const DAYS = 14;

/** Certificates of the sites. */
export function certificatePaths({ sites }: NginxVars): readonly string[] {
  return [...new Set(Object.values(sites).flatMap(({ tls }) => tls?.cert ?? []))];
}

/** Prints how many seconds ago the youngest worker was started: every reload starts new ones, which read all files. */
export const loadAge = outputOf(sh`main=$(systemctl show -p MainPID --value nginx.service)
[ "$main" -gt 0 ] || exit 1
cat /proc/[0-9]*/stat 2>/dev/null | awk -v main="$main" -v ticks="$(getconf CLK_TCK)" '
  { sub(/^.*\\) /, ""); if ($2 == main && $20 > started) started = $20 }
  END { if (started == "") exit 1; getline < "/proc/uptime"; print $1 - started / ticks }'`);

/** Certificates that end soon, and such that were renewed on disk and not loaded. */
export function certificateObservations(host: ClusterHost, seen: Seen): readonly Observation[] {
  const paths = certificatePaths(host.vars.get('nginx') as NginxVars);
  if (paths.length === 0) {
    return [];
  }
  const drift = host.vars.get('drift') as DriftVars | undefined;
  const days = drift?.certificate_days ?? DAYS;
  const certificates = paths.flatMap((path) => {
    const { pem } = seen.answer(certificateAt(path));
    const read = pem === undefined ? undefined : readCertificate(pem);
    return read === undefined ? [] : [{ host: host.name, name: path, endsAt: read.endsAt }];
  });
  const { exit, stdout } = seen.answer(loadAge);
  const loadedAgo = exit === 0 ? Number(stdout) : Number.POSITIVE_INFINITY;
  const renewed = paths.filter((path) => {
    const { ageSeconds } = seen.answer(certificateAt(path));
    // Whole seconds: what was written in the second of the reload may be either.
    return exit === 0 && ageSeconds !== undefined && ageSeconds + 1 < loadedAgo;
  });
  return [
    ...unreadable(host, paths, certificates),
    ...endingCertificates(certificates, { days, hint: 'renew it, and reload nginx' }),
    ...renewed.map((path): Observation => ({
      host: host.name,
      item: `certificate ${path} loaded`,
      class: 'certificate',
      severity: 'drift',
      expected: 'loaded since it was written',
      found: 'written since nginx last loaded it',
      hint: `systemctl reload nginx on ${host.name}`,
    })),
  ];
}

/** nginx that runs has it in memory, and would not start again. */
function unreadable(
  host: ClusterHost,
  paths: readonly string[],
  certificates: readonly { readonly name: string }[],
): readonly Observation[] {
  return paths
    .filter((path) => certificates.every(({ name }) => name !== path))
    .map((path) => ({
      host: host.name,
      item: `certificate ${path}`,
      class: 'certificate',
      severity: 'drift',
      expected: 'a certificate',
      found: 'no file with a certificate',
      ofVariables: true,
      hint: `nginx would not start again: put it back on ${host.name}`,
    }));
}
