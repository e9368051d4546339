import { outputOf, sh, type Check, type Script } from 'run-playbook';
import type { Segment } from './segment.ts';

/** Every network card that answers for a virtual IP, as the hosts that do not hold it hear: exactly one. */
export function oneMac({ vips }: Segment): readonly Check[] {
  return vips.map((vip) => {
    const answers = outputOf(askWhoHas(vip));
    return {
      name: `one MAC answers for ${vip}`,
      reads: { answers },
      judge(seen) {
        const heard = [...seen.values()].flatMap((host) =>
          host.answer(answers).stdout.split('\n').filter(Boolean),
        );
        const macs = [...new Set(heard)];
        const [mac] = macs;
        if (macs.length === 1 && mac !== undefined) {
          return { ok: true, detail: mac };
        }
        return macs.length === 0
          ? {
              ok: false,
              detail: 'none does',
              hint: 'see which host holds it, and whether the others are in the same network',
            }
          : {
              ok: false,
              detail: macs.join(', '),
              hint: 'clients reach now this host, now that one: remove the address where it does not belong',
            };
      },
    };
  });
}

/** Perl is on every Debian, arping is not. Packet sockets: packet(7); the frame: RFC 826. */
const ASK = `
use strict;
my ($dev, $vip) = @ARGV;
my ($index, $own) = map { open(my $file, '<', "/sys/class/net/$dev/$_") or die; my $line = <$file>; chomp $line; $line }
  qw(ifindex address);
$own =~ s/://g;
my $mac = pack('H12', $own);
socket(my $socket, 17, 3, unpack('S', pack('n', 0x0806))) or die;
bind($socket, pack('S n i S C C a8', 17, 0x0806, $index, 0, 0, 0, '')) or die;
my $wanted = pack('C4', split(/[.]/, $vip));
my $frame = pack('a6 a6 n n n C C n a6 a4 a6 a4', "\\xff" x 6, $mac, 0x0806, 1, 0x0800, 6, 4, 1, $mac, "\\0" x 4, "\\0" x 6, $wanted);
my %heard;
for (1 .. 3) {
  send($socket, $frame, 0);
  for (my $left = 0.2; $left > 0;) {
    my $ready = '';
    vec($ready, fileno($socket), 1) = 1;
    my $found;
    ($found, $left) = select($ready, undef, undef, $left);
    last if !$found;
    recv($socket, my $got, 128, 0);
    next if length($got) < 42 || unpack('n', substr($got, 20, 2)) != 2 || substr($got, 28, 4) ne $wanted;
    $heard{join(':', unpack('(H2)6', substr($got, 22, 6)))} = 1;
  }
}
print "$_\\n" for sort keys %heard;
`;

/** Prints the MACs that answer for the address, a line each; nothing on a host that has it. */
function askWhoHas(vip: string): Script {
  return sh`[ -z "$(ip -o addr show to ${vip})" ] || exit 0
dev=$(ip -o route get ${vip} | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
perl -e ${ASK} -- "$dev" ${vip}`;
}
