import {
  outputOf,
  rawScript,
  sh,
  type Cluster,
  type ClusterHost,
  type Output,
  type Query,
} from 'run-playbook';
import { adminSocket } from './configuration.ts';
import type { HaproxyVars } from './vars.ts';

/**
 * What a few lines of Perl, which every Debian has, print of HAProxy's answers.
 *
 * The socket needs no password, and is there without a statistics page.
 *
 * @param perl calls `ask("show stat")` for the lines of an answer
 */
export function answersOn(socket: string, perl: string): Query<Output> {
  return outputOf(sh`timeout 3 perl -MIO::Socket::UNIX - ${socket} <<'END'
sub ask {
  my $socket = IO::Socket::UNIX->new($ARGV[0]) or exit 1;
  print $socket "$_[0]\\n";
  return <$socket>;
}
${rawScript(perl)}
END`);
}

/** The admin sockets of all hosts; they differ only where a whole configuration is the user's own. */
export function socketsOf({ hosts }: Cluster): readonly string[] {
  return [...new Set(hosts.map(socketOn))];
}

export function socketOn(host: ClusterHost): string {
  return adminSocket(host.vars.get('haproxy') as HaproxyVars);
}
