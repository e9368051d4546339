import type { Rule } from 'run-playbook';

/** What the network of the hosts says; asked of them for 1.2 s before a change, by listening and by ARP requests. */
export const segmentRules: readonly Rule[] = [
  {
    code: 'HA141',
    title: 'Another router uses the router id on this network',
    level: 'refuse',
    why: `
      Somebody who is no host of this cluster sends VRRP adverts with the same virtual router id, by multicast
      while this cluster listens to multicast too, or for the same address. keepalived takes such adverts for a
      peer's: the host of lower priority gives its address up, or both hold it. A forgotten third member of an
      old cluster looks like this.

      The hosts were listened on for 1.2 s. A sender with a longer interval, or one that sends unicast to others,
      is not heard.`,
    fix: `
      Stop the other one if it should not be there; it is named by its address. Otherwise take an id that is free
      on the network, from 1 to 255:

        keepalived:
          vips:
            - address: 172.25.254.130
              virtual_router_id: 63`,
  },
  {
    code: 'HA142',
    title: 'Somebody else answers for the virtual IP',
    level: 'refuse',
    why: `
      A network card that belongs to no host of the cluster answers ARP requests for the virtual IP: the address
      is taken. With both on the network clients reach now the one, now the other, as their ARP tables say;
      tables that were wrong stayed so for up to 11.6 s in measurements, after the second holder was gone.

      Every host asked the network from its own address, which changes no table for the worse.`,
    fix: `
      Find the card by its MAC, in the tables of your switches or with ip neigh, and take the address from it. Or
      choose a free one:

        keepalived:
          vips:
            - address: 172.25.254.140`,
  },
  {
    code: 'HA143',
    title: 'A virtual IP outside the network of its interface',
    level: 'warn',
    why: `
      No address of the interface has a network that the virtual IP is in. Clients and routers of that network do
      not look for it there with ARP, so that nobody finds the holder; most often a digit is wrong. It is right
      only where a router has a route for the address to this segment.`,
    fix: `
      Correct the address, or the interface:

        keepalived:
          vips:
            - address: 172.25.254.130
              interface: eth1`,
  },
  {
    code: 'HA144',
    title: 'An interface or a source address that the host does not have',
    level: 'refuse',
    why: `
      An interface that is not there keeps keepalived from starting. Adverts can be sent only from an address
      that the host has: otherwise keepalived reports "entering FAULT state (src address not configured)" and
      takes no part (keepalived 2.2.7).`,
    fix: `
      Leave both out, and they follow from the host's address in the inventory. Where that is not the address of
      an interface, as behind NAT, name the one that is:

        keepalived:
          source_address: 10.0.0.11`,
  },
  {
    code: 'HA145',
    title: 'The network could not be looked at',
    level: 'warn',
    why: `
      Whether the router id and the virtual IP are in use is asked with perl, which every Debian has, over packet
      sockets, which take the right to open them (CAP_NET_RAW). One of them is missing on this host, so that
      neither is known.`,
    fix: `
      Look yourself: no answer, and no advert but your own, is what should be seen.

        arping -D -c 3 -I eth0 172.25.254.130
        tcpdump -ni eth0 -c 5 vrrp`,
  },
  {
    code: 'HA146',
    title: 'Another cluster uses the router id, unheard as yet',
    level: 'warn',
    why: `
      Somebody on the network sends adverts with the same virtual router id, for other addresses. This cluster
      sends unicast to its peers and drops what does not come from them, so that nothing happens. With multicast,
      or with virtual MACs (use_vmac), the two clusters would disturb each other; and ids are meant to be unique
      on a network (RFC 5798, 5.2.3).`,
    fix: `
      Take an id that is free on the network, from 1 to 255; a pair that runs is changed in lockstep:

        keepalived:
          vips:
            - address: 172.25.254.130
              virtual_router_id: 63`,
  },
];
