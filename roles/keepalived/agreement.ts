import type { ClusterHost, Objection, RoleContext } from 'run-playbook';
import { withoutPrefix } from './configuration.ts';
import type { KeepalivedVars } from './vars.ts';

/** What a host must have in common with the first one of the cluster; told of the one that is not the first. */
export function agreementObjections({
  host,
  vars,
  cluster,
}: RoleContext<KeepalivedVars>): readonly Objection[] {
  const [first] = cluster.hosts;
  if (first === undefined || first.name === host.name) {
    return [];
  }
  const reference = { name: first.name, vars: varsOn(first) };
  return [
    ...plainValues(vars, reference),
    ...passwords(vars, reference),
    ...addresses(vars, reference),
    ...routerIds(vars, reference),
    ...sourceAddresses(host, cluster.hosts),
  ];
}

interface Reference {
  readonly name: string;
  readonly vars: KeepalivedVars;
}

const ONCE = 'set it once, for the group of both';

function plainValues(vars: KeepalivedVars, { name, vars: other }: Reference): readonly Objection[] {
  const isVersion2 = vars.version === 2 && other.version === 2;
  return [
    ...(vars.version === other.version
      ? []
      : [
          {
            rule: 'HA105',
            path: 'keepalived.version',
            what: `is ${vars.version}, and ${other.version} on ${name}`,
            hint: ONCE,
          },
        ]),
    ...(vars.unicast === other.unicast
      ? []
      : [
          {
            rule: 'HA109',
            path: 'keepalived.unicast',
            what: `is ${vars.unicast}, and ${other.unicast} on ${name}`,
            hint: ONCE,
          },
        ]),
    ...(vars.advert_int === other.advert_int || !isVersion2
      ? []
      : [
          {
            rule: 'HA111',
            path: 'keepalived.advert_int',
            what: `is ${vars.advert_int}, and ${other.advert_int} on ${name}`,
            hint: ONCE,
          },
        ]),
  ];
}

function passwords({ auth }: KeepalivedVars, { name, vars: other }: Reference): readonly Objection[] {
  const said =
    auth === undefined
      ? `is missing, and set on ${name}`
      : other.auth === undefined
        ? `is set, and not on ${name}`
        : `is another one than on ${name}`;
  return auth?.reveal() === other.auth?.reveal()
    ? []
    : [{ rule: 'HA107', path: 'keepalived.auth', what: said, hint: ONCE }];
}

function addresses(vars: KeepalivedVars, { name, vars: other }: Reference): readonly Objection[] {
  const [own, theirs] = [vars, other].map(({ vips }) => vips.map(({ address }) => withoutPrefix(address)));
  const missing = (theirs ?? []).filter((address) => own?.includes(address) !== true);
  const surplus = (own ?? []).filter((address) => theirs?.includes(address) !== true);
  const parts = [
    ...(missing.length === 0 ? [] : [`lack ${missing.join(', ')}, which ${name} has`]),
    ...(surplus.length === 0 ? [] : [`have ${surplus.join(', ')}, which ${name} has not`]),
  ];
  return parts.length === 0
    ? []
    : [{ rule: 'HA108', path: 'keepalived.vips', what: parts.join('; '), hint: ONCE }];
}

function routerIds(vars: KeepalivedVars, { name, vars: other }: Reference): readonly Objection[] {
  return vars.vips.flatMap(({ address, virtual_router_id: id }, index) => {
    const plain = withoutPrefix(address);
    const theirs = other.vips.find((vip) => withoutPrefix(vip.address) === plain)?.virtual_router_id;
    return theirs === undefined || theirs === id
      ? []
      : [
          {
            rule: 'HA106',
            path: `keepalived.vips.${index}.virtual_router_id`,
            what: `is ${id} for ${plain}, and ${theirs} on ${name}`,
            hint: ONCE,
          },
        ];
  });
}

function sourceAddresses(host: ClusterHost, hosts: readonly ClusterHost[]): readonly Objection[] {
  const own = sourceOf(host);
  return hosts
    .slice(0, hosts.indexOf(host))
    .filter((earlier) => sourceOf(earlier) === own)
    .map((earlier) => ({
      rule: 'HA110',
      path: 'keepalived.source_address',
      what: `is ${own}, as on ${earlier.name}`,
      hint: `leave it out, and it is the host's address in the inventory`,
    }));
}

/** The address that a host's adverts come from. */
export function sourceOf(host: ClusterHost): string {
  return varsOn(host).source_address ?? host.address;
}

function varsOn(host: ClusterHost): KeepalivedVars {
  return host.vars.get('keepalived') as KeepalivedVars;
}
