import type { ClusterHost, Output, Query, Seen } from 'run-playbook';
import { answersOn, socketOn } from './admin-socket.ts';
import { bindsOf } from './cluster.ts';
import { speaksTls } from './https.ts';
import type { HaproxyVars } from './vars.ts';

/** A certificate that a process has loaded. */
export interface LoadedCertificate {
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  /** Hexadecimal, in upper case. */
  readonly serial: string;
}

/** What the process of a host has loaded, or why nobody knows. */
export function certificatesOf(host: ClusterHost, seen: Seen): readonly LoadedCertificate[] | string {
  const { exit, stdout } = seen.answer(certificatesOn(socketOn(host)));
  const rows = stdout.split('\n').filter((row) => row !== '');
  const certificates = rows
    .map((row) => row.split('\t'))
    .map(([file = '', end = '', serial = '']) => ({ file, endsAt: Date.parse(end), serial }));
  const unknown = certificates.find(({ endsAt }) => Number.isNaN(endsAt));
  if (exit !== 0) {
    return 'does not tell on its admin socket which certificates it has loaded';
  }
  if (unknown !== undefined) {
    return `does not tell when ${unknown.file} ends`;
  }
  return certificates.length > 0 ? certificates : 'has loaded no certificate';
}

export function certificatesOn(socket: string): Query<Output> {
  return answersOn(
    socket,
    // 3.0 has names of certificate stores besides paths, as @web/site.
    `for my $file (grep { m{^[/@]} } ask("show ssl cert")) {
  chomp $file;
  my @told = ask("show ssl cert $file");
  my ($end) = map { /^notAfter: (.*)/ } @told;
  my ($serial) = map { /^Serial: (.*)/ } @told;
  print join("\\t", $file, $end, $serial), "\\n";
}`,
  );
}

export function offersTls(host: ClusterHost): boolean {
  const vars = host.vars.get('haproxy') as HaproxyVars;
  return vars.config === undefined
    ? bindsOf(vars).some(({ bind }) => speaksTls(bind))
    : /^\s*bind\s.*\sssl\b/m.test(vars.config);
}
