import type { Family, Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** What a host knows of who has an IPv4 address in its network. */
export interface ArpState {
  /** MAC of the interface by which the host has the address itself. */
  readonly own?: string | undefined;
  /** What its neighbour table says; absent where that says nothing. */
  readonly neighbour?: string | undefined;
  /** MACs of others that answered for the address; nobody is asked where the neighbour table knows it. */
  readonly heard: readonly string[];
  readonly isAsked: boolean;
  /** Why it could not ask. */
  readonly deaf?: string | undefined;
}

/**
 * Asks in all networks at the same time, twice, and listens for 0.3 s altogether: `DEV=ADDRESS` each.
 *
 * From no address, as somebody who looks whether one is free: nobody learns anything from it (RFC 5227, 2.1.1).
 * Packet sockets: packet(7); the frame: RFC 826.
 */
const ASK = `
use strict;
my (%wanted, %socket);
for (@ARGV) {
  my ($dev, $address) = split /=/;
  push @{$wanted{$dev}}, $address;
}
sub deaf { print "deaf $_[0]: $!\\n"; exit }
sub line { open(my $file, '<', $_[0]) or deaf($_[0]); my $line = <$file>; chomp $line; $line }
for my $dev (keys %wanted) {
  my $index = line("/sys/class/net/$dev/ifindex");
  socket($socket{$dev}, 17, 3, unpack('S', pack('n', 0x0806))) or deaf('packet socket');
  bind($socket{$dev}, pack('S n i S C C a8', 17, 0x0806, $index, 0, 0, 0, '')) or deaf("packet socket on $dev");
}
my (%heard, $watched);
$watched = '';
vec($watched, fileno($_), 1) = 1 for values %socket;
for (1 .. 2) {
  for my $dev (keys %wanted) {
    my $mac = pack('H12', line("/sys/class/net/$dev/address") =~ tr/://dr);
    for my $address (@{$wanted{$dev}}) {
      my $bytes = pack('C4', split(/[.]/, $address));
      send($socket{$dev}, pack('a6 a6 n n n C C n a6 a4 a6 a4', "\\xff" x 6, $mac, 0x0806, 1, 0x0800, 6, 4, 1, $mac, "\\0" x 4, "\\0" x 6, $bytes), 0);
    }
  }
  my $end = time + 2;
  for (my ($found, $left) = (1, 0.15); $left > 0 && time < $end;) {
    ($found, $left) = select(my $ready = $watched, undef, undef, $left);
    for my $dev (grep { $found > 0 && vec($ready, fileno($socket{$_}), 1) } keys %wanted) {
      recv($socket{$dev}, my $got, 128, 0);
      next if length($got) < 42 || unpack('n', substr($got, 20, 2)) != 2;
      my $from = join('.', unpack('C4', substr($got, 28, 4)));
      $heard{"heard $from " . join(':', unpack('(H2)6', substr($got, 22, 6)))} = 1 if grep { $_ eq $from } @{$wanted{$dev}};
    }
  }
}
print "$_\\n" for sort keys %heard;
`;

/** Keys are `ask ADDRESS`, and `table ADDRESS` where nobody is to be asked. */
const arp: Family<ArpState> = {
  name: 'arp',
  waits: true,
  scripts: (keys) => [
    sh`jobs=
for key in ${keys}; do
  address=\${key#* }
  own=$(ip -o -4 addr show to "$address" | sed -n '1s/^[0-9]*: \\([^ @]*\\).*/\\1/p')
  if [ -n "$own" ]; then
    dev=$own
    echo "own $address $(cat "/sys/class/net/$dev/address")"
  else
    route=$(ip -4 -o route get "$address")
    case $route in *' via '*|'') continue ;; esac
    dev=$(printf '%s\\n' "$route" | sed 's/.* dev \\([^ ]*\\).*/\\1/;q')
    mac=$(ip -4 neigh show to "$address" dev "$dev" | sed -n 's/.* lladdr \\([^ ]*\\).*/\\1/p')
    [ -z "$mac" ] || { echo "neighbour $address $mac"; continue; }
  fi
  case $key in table*) continue ;; esac
  [ "$(cat "/sys/class/net/$dev/type")" = 1 ] || continue
  echo "asked $address"
  jobs="$jobs $dev=$address"
done
[ -n "$jobs" ] || exit 0
command -v perl >/dev/null || { echo 'deaf there is no perl'; exit 0; }
perl -e ${ASK} -- $jobs || echo "deaf perl ended with exit code $?"`,
  ],
  parse([frame], keys) {
    const lines = (frame?.stdout.toString('utf8') ?? '').split('\n').map((line) => line.split(' '));
    return new Map(keys.map((key) => [key, stateOf(key.replace(/^.* /, ''), lines)]));
  },
};

/** Who answers for an address, as one host hears and knows: nothing on this host or another learns anything by it. */
export function arpAnswers(address: string): Query<ArpState> {
  return { family: arp, key: `ask ${address}` };
}

/** Whose an address is as far as one host knows by itself. */
export function arpTable(address: string): Query<ArpState> {
  return { family: arp, key: `table ${address}` };
}

function stateOf(address: string, lines: readonly (readonly string[])[]): ArpState {
  const told = (kind: string) =>
    lines.filter(([own, about]) => own === kind && about === address).map(([, , mac = '']) => mac);
  const isAsked = told('asked').length > 0;
  const deaf = lines.filter(([kind]) => kind === 'deaf').map(([, ...words]) => words.join(' '));
  return {
    own: told('own')[0],
    neighbour: told('neighbour')[0],
    heard: told('heard'),
    isAsked,
    deaf: isAsked ? deaf[0] : undefined,
  };
}
