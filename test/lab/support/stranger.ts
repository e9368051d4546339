import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { enterCommand, labPaths } from '../../../scripts/lab/index.ts';
import { run } from './run.ts';
import { until } from './until.ts';

/** The client's side of the lab's bridge (scripts/lab/network.ts): a third party on the hosts' network. */
export const STRANGER = { address: '172.25.254.1', mac: '02:00:ac:19:fe:01' } as const;

/** The stranger has an address while `work` is done, and answers for it. */
export async function whileHeld<T>(name: string, address: string, work: () => Promise<T>): Promise<T> {
  await inNetwork(name, ['ip', 'address', 'add', `${address}/32`, 'dev', 'br0']);
  try {
    return await work();
  } finally {
    await inNetwork(name, ['ip', 'address', 'del', `${address}/32`, 'dev', 'br0']);
  }
}

/**
 * A third host with this address on the hosts' network while `work` is done, as left by a pair that was there before;
 * unlike with `whileHeld` clients go on reaching the pair.
 *
 * @param work is told its card
 */
export async function besideForeignHost<T>(
  name: string,
  address: string,
  work: (mac: string) => Promise<T>,
): Promise<T> {
  const foreign = `${basename(labPaths(name).netnsFile)}-foreign`;
  const mac = '02:00:ac:19:fe:4d';
  await inNetwork(name, ['ip', 'netns', 'add', foreign]);
  try {
    const own = ['ip', '-n', foreign];
    for (const argv of [
      ['ip', 'link', 'add', 'foreign', 'type', 'veth', 'peer', 'eth0', 'address', mac, 'netns', foreign],
      ['ip', 'link', 'set', 'foreign', 'master', 'br0', 'up'],
      [...own, 'address', 'add', '172.25.254.77/24', 'dev', 'eth0'],
      [...own, 'address', 'add', `${address}/32`, 'dev', 'eth0'],
      [...own, 'link', 'set', 'eth0', 'up'],
    ]) {
      await inNetwork(name, argv);
    }
    return await work(mac);
  } finally {
    await inNetwork(name, ['ip', 'netns', 'del', foreign]);
  }
}

/** Valid adverts of VRRP version 3, of the highest priority there is, ten a second, to everybody. RFC 5798, 5.2. */
const ADVERTS = `
use strict;
my ($own, $id, @vips) = @ARGV;
sub bytes { pack 'C4', split /[.]/, $_[0] }
socket(my $socket, 2, 3, 112) or die "socket: $!";
setsockopt($socket, 0, 32, bytes($own)) or die "interface: $!";
setsockopt($socket, 0, 33, pack 'i', 255) or die "ttl: $!";
my $to = bytes('224.0.0.18');
my $advert = sub { pack('C C C C n n', 0x31, $id, 255, scalar @vips, 10, $_[0]) . join '', map { bytes($_) } @vips };
my $summed = bytes($own) . $to . pack('n n', 112, length $advert->(0)) . $advert->(0);
my $sum = 0;
$sum += $_ for unpack 'n*', $summed;
$sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
$| = 1;
for (1 .. 300) {
  send($socket, $advert->(~$sum & 0xffff), 0, pack('S n a4 x8', 2, 0, $to)) or die "send: $!";
  print '.';
  select undef, undef, undef, 0.1;
}
`;

/** The stranger says, while `work` is done, that it holds these addresses under this router id. */
export async function whileAdvertised<T>(
  name: string,
  { id, addresses }: { readonly id: number; readonly addresses: readonly string[] },
  work: () => Promise<T>,
): Promise<T> {
  const argv = ['perl', '-e', ADVERTS, '--', STRANGER.address, String(id), ...addresses];
  const [file = '', ...args] = enterCommand(name, argv);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let sent = 0;
  child.stdout.on('data', (dots: Buffer) => {
    sent += dots.length;
  });
  try {
    await until('adverts are sent', 5000, () => sent > 1);
    return await work();
  } finally {
    child.kill();
    await once(child, 'close');
  }
}

async function inNetwork(name: string, argv: readonly string[]): Promise<void> {
  const ended = await run(enterCommand(name, argv));
  if (ended.code !== 0) {
    throw new Error(`${argv.join(' ')}: exit ${ended.code}\n${ended.stderr}`);
  }
}
