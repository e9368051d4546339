import {
  factsFrom,
  hostFacts,
  sh,
  type Check,
  type Facts,
  type FaultScripts,
  type Script,
} from 'run-playbook';
import type { Segment } from './segment.ts';

/** Locally administered, and nobody's: what is sent to it arrives nowhere. */
const NOWHERE = '02:00:00:00:00:01';

/**
 * Each host sends what is for its peers to nowhere, so that none hears the others; clients and SSH notice nothing.
 *
 * A neighbour entry needs no package, and is gone with the next boot at the latest.
 */
export function partition({ addressOf, peersOf }: Segment): FaultScripts {
  return {
    by: 'script',
    inject: (host, facts) => {
      const dev = interfaceOf(addressOf(host), facts);
      return sh`for peer in ${peersOf(host)}; do
  case $(ip -o route get "$peer") in
    *' via '*) echo "$peer is behind a router: only neighbours can be parted" >&2; exit 1 ;;
  esac
  if [ -n "$(ip neigh show "$peer" dev ${dev} nud permanent)" ]; then
    echo "$peer has a permanent neighbour entry on "${dev}", which would be lost" >&2
    exit 1
  fi
done
for peer in ${peersOf(host)}; do
  ip neigh replace "$peer" lladdr ${NOWHERE} dev ${dev} nud permanent
done`;
    },
    heal: (host, facts) => {
      const dev = interfaceOf(addressOf(host), facts);
      return sh`for peer in ${peersOf(host)}; do
  case $(ip neigh show "$peer" dev ${dev}) in
    *' '${NOWHERE}' '*) ip neigh del "$peer" dev ${dev} ;;
  esac
done`;
    },
  };
}

/** Parted hosts take each other for dead, and each holds every virtual IP. */
export function heldEverywhere({ vips }: Segment): Check {
  return {
    name: 'every host holds the VIP while the hosts are parted',
    reads: { facts: hostFacts },
    judge(seen) {
      const missing = [...seen].flatMap(([host, answers]) => {
        const own = factsFrom(answers).interfaces.flatMap(({ addresses }) => addresses);
        return vips
          .filter((vip) => !own.some((address) => address.split('/')[0] === vip))
          .map((vip) => `${host} does not hold ${vip}`);
      });
      return missing.length === 0
        ? { ok: true, detail: [...seen.keys()].join(', ') }
        : {
            ok: false,
            detail: missing.join('; '),
            hint: 'the hosts hear each other on another way than the one that was cut',
          };
    },
  };
}

/** Where the network of the host is written down before its interface goes down, for it is not all restored by itself. */
const KEPT = '/run/run-playbook-drill.network';

/** The interface of the host's address goes down for a while; addresses and routes that are then missing are put back. */
export function linkDown({ addressOf, moving }: Segment, lastsMs: number): FaultScripts {
  return {
    by: 'script',
    detached: true,
    healsItself: true,
    inject: (host, facts) => {
      const dev = interfaceOf(addressOf(host), facts);
      return sh`{
  ip -o addr show dev ${dev} scope global | while read -r _ _ family address rest; do
    case " $rest " in *' peer '*) continue ;; esac
    case " $rest " in *'valid_lft forever'*) ;; *) continue ;; esac
    for vip in ${moving}; do [ "\${address%/*}" != "$vip" ] || continue 2; done
    echo "addr $address"
  done
  for family in -4 -6; do
    ip $family -o route show dev ${dev} | grep -v -e ' proto kernel' -e 'nexthop' -e 'expires' | sed "s/^/route $family /"
  done
} >${KEPT}
ip link set dev ${dev} down
sleep ${lastsMs / 1000}
${linkUp(dev)}`;
    },
    heal: (host, facts) => linkUp(interfaceOf(addressOf(host), facts)),
    trace: (host, facts) =>
      sh`cat ${`/sys/class/net/${interfaceOf(addressOf(host), facts)}/carrier_changes`}`,
  };
}

function linkUp(dev: string): Script {
  return sh`ip link set dev ${dev} up
if [ -f ${KEPT} ]; then
  # What manages the network restores its own meanwhile.
  for try in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(cat /sys/class/net/${dev}/carrier)" = 1 ] && break
    sleep 0.2
  done
  sleep 1
  while read -r kind first rest; do
    case $kind in
      addr) ip -o addr show dev ${dev} | grep -q -F -e " $first " || ip addr add "$first" dev ${dev} || : ;;
      route) ip $first -o route show dev ${dev} | grep -q -F -x -e "$rest" -e "$rest " || ip $first route replace $rest dev ${dev} || : ;;
    esac
  done <${KEPT}
  rm -f -- ${KEPT}
fi`;
}

/** @throws RangeError no interface carries it */
function interfaceOf(address: string, { interfaces }: Facts): string {
  const found = interfaces.find(({ addresses }) => addresses.some((own) => own.split('/')[0] === address));
  if (found === undefined) {
    throw new RangeError(
      `no interface carries ${address} (there are ${interfaces.map(({ name }) => name).join(', ')}): set keepalived.source_address`,
    );
  }
  return found.name;
}
