import {
  certificateAt,
  endingCertificates,
  readCertificate,
  type ClusterHost,
  type Observation,
  type Seen,
} from 'run-playbook';
import type { DriftVars } from '../drift/vars.ts';
import { RENEW } from './certificate-check.ts';
import { bindsOf } from './cluster.ts';
import { certificatesOf } from './loaded-certificates.ts';
import type { HaproxyVars } from './vars.ts';

/** Where the drift role is not in the playbook. */
const DAYS = 14;

/** Files of certificates that the host has and this project does not write. */
export function declaredPaths(host: ClusterHost): readonly string[] {
  const vars = host.vars.get('haproxy') as HaproxyVars;
  const names =
    vars.config === undefined ? bindsOf(vars).flatMap(({ bind }) => bind.tls?.certificate ?? []) : [];
  return [...new Set(names.filter((name) => name.startsWith('/')))];
}

/** Certificates that end soon, and such that were renewed on disk and not loaded. */
export function certificateObservations(host: ClusterHost, seen: Seen): readonly Observation[] {
  const loaded = certificatesOf(host, seen);
  if (typeof loaded === 'string') {
    return [];
  }
  const drift = host.vars.get('drift') as DriftVars | undefined;
  const days = drift?.certificate_days ?? DAYS;
  const certificates = loaded.map(({ file: name, endsAt }) => ({ host: host.name, name, endsAt }));
  const renewed = declaredPaths(host).filter((path) => {
    const { pem } = seen.answer(certificateAt(path));
    const onDisk = pem === undefined ? undefined : readCertificate(pem);
    const inUse = loaded.find(({ file }) => file === path);
    return onDisk !== undefined && inUse !== undefined && onDisk.serial !== inUse.serial;
  });
  return [
    ...endingCertificates(certificates, { days, hint: RENEW }),
    ...renewed.map((path): Observation => ({
      host: host.name,
      item: `certificate ${path} loaded`,
      class: 'certificate',
      severity: 'drift',
      expected: 'the one on disk',
      found: 'another one',
      hint: `systemctl reload haproxy on ${host.name}`,
    })),
  ];
}
