import type { ClusterHost, Objection } from 'run-playbook';
import type { KeepalivedVars } from '../keepalived/vars.ts';
import { addressesOf, bindsOf, nginxOf, vipsOf, type Context } from './cluster.ts';
import { coverageObjections } from './coverage.ts';
import { exposureObjections } from './exposure.ts';
import { aboutReferences, aboutSecrets } from './references.ts';
import { wantedSockets, type WantedSocket } from './sockets.ts';

type Listening = Pick<WantedSocket, 'address' | 'port'>;

/** What HAProxy would refuse, or could not bind, or would send nowhere: said before any host is asked. */
export function objections(context: Context): readonly Objection[] {
  const { vars, host } = context;
  if (vars.state === 'stopped') {
    return [];
  }
  const wanted = wantedSockets(context);
  return [
    ...aboutVips(context),
    ...ofOtherHosts(wanted, context),
    ...sameSockets(wanted),
    ...takenByNginx(wanted, host),
    ...aboutNonlocalBind(context),
    ...aboutSecrets(vars),
    ...(vars.config === undefined ? [...aboutReferences(context), ...coverageObjections(context)] : []),
    ...exposureObjections(context),
  ];
}

function aboutVips({ vars, host }: Context): readonly Objection[] {
  return bindsOf(vars)
    .filter(({ bind }) => bind.address === 'vip' && vipsOf(host).length === 0)
    .map(({ path }) => ({
      rule: 'HA174',
      path,
      what: 'there is no virtual IP on this host',
      hint: 'declare keepalived.vips, or bind an address',
    }));
}

/** Sent by the inventory to all hosts, and one of them has it. */
function ofOtherHosts(wanted: readonly WantedSocket[], { peers, host }: Context): readonly Objection[] {
  return wanted.flatMap(({ path, address, port }) => {
    // Every host has loopback addresses, also where connections to it are forwarded from one.
    const isOwn = address === host.address || address.startsWith('127.');
    const owner = isOwn ? undefined : peers.find((peer) => peer.address === address);
    return owner === undefined
      ? []
      : [
          {
            rule: 'HA174',
            path,
            what: `is ${address}:${port}, and that address is ${owner.name}'s own`,
            hint: `bind *:${port} or vip:${port}, or set it for ${owner.name} alone`,
          },
        ];
  });
}

function sameSockets(wanted: readonly WantedSocket[]): readonly Objection[] {
  return wanted.flatMap(({ path, address, port }, index) => {
    const first = wanted.slice(0, index).find((other) => other.address === address && other.port === port);
    return first === undefined
      ? []
      : [{ rule: 'HA173', path, what: `is ${address}:${port}, which ${first.path} binds already` }];
  });
}

function takenByNginx(wanted: readonly WantedSocket[], host: ClusterHost): readonly Objection[] {
  return wanted
    .filter(({ address, port, v6only }) =>
      nginxSockets(host, address)
        .filter((other) => !v6only || other.address.startsWith('['))
        .some((other) => other.port === port && overlap(other.address, address)),
    )
    .map(({ path, address, port }) => ({
      rule: 'HA172',
      path,
      what: `is ${address}:${port}, and nginx listens there`,
      hint:
        address === '*' || address === '[::]'
          ? `take another port, or vip:${port}: nginx keeps the host's own address then`
          : 'take another port, or change where nginx listens',
    }));
}

/** Where nginx of the same host listens beside a socket of HAProxy's: behind it, it leaves virtual IPs alone. */
function nginxSockets(host: ClusterHost, beside: string): readonly Listening[] {
  const nginx = nginxOf(host);
  if (nginx === undefined) {
    return [];
  }
  const givesWay = nginx.proxied && !['*', '[::]', '127.0.0.1', host.address].includes(beside);
  const sites = Object.values(nginx.sites);
  const own = givesWay
    ? []
    : [nginx.port, ...sites.flatMap(({ listen, tls }) => (listen || !tls ? [] : [443]))];
  return [
    ...own.map((port) => ({ address: '*', port })),
    ...sites.flatMap(({ listen = [] }) => listen.map(socketOf)),
  ];
}

/** `80`, `172.25.254.131:80 backlog=1024` and `[::]:80` of a listen line. */
function socketOf(listen: string | number): Listening {
  const [socket = ''] = String(listen).split(' ');
  const [, address = '*', port] = /^(?:(.+):)?(\d+)$/.exec(socket) ?? [];
  return { address, port: Number(port) };
}

function overlap(one: string, other: string): boolean {
  return one === other || [one, other].some((address) => ['*', '0.0.0.0', '[::]'].includes(address));
}

/** Two roles cannot declare the same kernel setting. */
function aboutNonlocalBind({ vars, host }: Context): readonly Objection[] {
  const keepalived = host.vars.get('keepalived') as KeepalivedVars | undefined;
  return bindsNonlocal({ vars, host }) && keepalived?.ip_nonlocal_bind === true
    ? [
        {
          rule: 'HA175',
          path: 'keepalived.ip_nonlocal_bind',
          what: 'is set by the haproxy role already, which binds a virtual IP',
          hint: 'leave it out',
        },
      ]
    : [];
}

/** HAProxy listens on a virtual IP also while another host holds it. */
export function bindsNonlocal({ vars, host }: Pick<Context, 'vars' | 'host'>): boolean {
  const vips = vipsOf(host);
  return (
    vars.config === undefined &&
    bindsOf(vars).some(({ bind }) => addressesOf(bind, host).some((address) => vips.includes(address)))
  );
}
