import { template, type ClusterHost, type Facts, type RoleContext } from 'run-playbook';
import type { CheckScriptVars } from '../check-script/vars.ts';
import { leftovers } from './leftovers.ts';
import { preemptionOf, prioritiesOf } from './owners.ts';
import type { KeepalivedVars } from './vars.ts';

export const CONF = '/etc/keepalived/keepalived.conf';

export interface Vip {
  /** With prefix length: `172.25.254.130/32`. */
  readonly address: string;
  readonly interface: string;
  readonly virtual_router_id: number;
  /** Of this host. */
  readonly priority: number;
}

interface NamedCheck {
  readonly name: string;
  /**
   * By its place, so that another check in the same place keeps it: before 2.2.5 a script of a new name takes the
   * addresses from their holder at a reload (acassen/keepalived#2037; measured: 115 of 2,345 requests lost).
   */
  readonly script: string;
  /** Program with arguments; scripts of the check-script role are given to bash, so that a lost +x does not blind keepalived. */
  readonly command: string;
  readonly interval: number;
  readonly timeout: number;
  readonly fall: number;
  readonly rise: number;
  readonly weight: number;
}

/** What the host's keepalived.conf is made of: the variables, and everything that follows from the cluster. */
type Derived = Omit<KeepalivedVars, 'vips' | 'checks' | 'auth' | 'notify' | 'preempt' | 'preempt_delay'> & {
  readonly router_id: string;
  readonly source_address: string;
  readonly peers: readonly string[];
  readonly auth: string | undefined;
  readonly preempt: boolean;
  readonly preempt_delay: number | undefined;
  readonly vips: readonly Vip[];
  readonly checks: readonly NamedCheck[];
  readonly state_script: string;
  readonly notify: readonly (readonly [string, string])[];
};

const conf = template<Derived>(import.meta.url, 'keepalived.conf.ejs');
const unitConf = template<{ readonly leftovers: readonly string[]; readonly systemd: readonly string[] }>(
  import.meta.url,
  'unit.conf.ejs',
);
const tmpfilesConf = template<
  Pick<Derived, 'track' | 'checks' | 'script_user'> & Pick<KeepalivedVars, 'vips'>
>(import.meta.url, 'tmpfiles.conf.ejs');

const stateScriptText = template<object>(import.meta.url, 'vrrp_state.sh.ejs');

type Context = RoleContext<KeepalivedVars>;

/** keepalived.conf of one host, once its interfaces are known. */
export function configuration(context: Context, facts: Facts): string {
  const { host, vars, peers } = context;
  return conf({
    ...vars,
    router_id: vars.router_id ?? host.name,
    source_address: sourceAddress(host.address, vars),
    peers: peers.map((peer) => sourceAddress(peer.address, peer.vars.get('keepalived') as KeepalivedVars)),
    auth: vars.auth?.reveal(),
    ...preemptionOf(vars),
    vips: vipsOf(context, facts),
    checks: checksOf(context),
    state_script: `${scriptDirectory(host)}/${STATE_SCRIPT}`,
    notify: Object.entries(vars.notify).filter((entry): entry is [string, string] => entry[1] !== undefined),
  });
}

/** Writes down every change of state, so that reading it disturbs nobody. */
export function stateScript(): string {
  return stateScriptText({});
}

export function unitFile(context: Context, facts: Facts): string {
  const { vars } = context;
  return unitConf({ leftovers: leftovers(vars, vipsOf(context, facts)), systemd: vars.systemd });
}

export function tmpfiles(context: Context): string {
  return tmpfilesConf({
    track: context.vars.track,
    script_user: context.vars.script_user,
    checks: checksOf(context),
    vips: context.vars.vips,
  });
}

/** The virtual IPs with prefix length and interface decided. */
export function vipsOf({ host, vars, cluster }: Context, facts: Facts): readonly Vip[] {
  const priorities = prioritiesOf(vars, host.name, cluster);
  return vars.vips.map((vip, index) => ({
    address: withPrefix(vip.address),
    interface:
      vip.interface === 'auto' ? interfaceOf(sourceAddress(host.address, vars), facts) : vip.interface,
    virtual_router_id: vip.virtual_router_id,
    priority: priorities[index] ?? 0,
  }));
}

export function withPrefix(address: string): string {
  return address.includes('/') ? address : `${address}/32`;
}

export function withoutPrefix(address: string): string {
  return address.replace(/\/.*$/, '');
}

function checksOf({ host, vars }: Context): readonly NamedCheck[] {
  return Object.entries(vars.checks).map(([name, { script, ...check }], index) => ({
    ...check,
    name,
    script: `check_${index + 1}`,
    command: script ?? `/bin/bash ${scriptDirectory(host)}/${name}`,
  }));
}

/** Where the check-script role puts its scripts, and this role its own. */
export function scriptDirectory(host: ClusterHost): string {
  const scripts = host.vars.get('check_script') as CheckScriptVars | undefined;
  return scripts?.directory ?? '/usr/local/libexec/ha';
}

export const STATE_SCRIPT = 'vrrp_state';

function sourceAddress(address: string, vars: KeepalivedVars): string {
  return vars.source_address ?? address;
}

function interfaceOf(address: string, facts: Facts): string {
  const found = facts.interfaces.find(({ addresses }) =>
    addresses.some((own) => own.split('/')[0] === address),
  );
  if (found === undefined) {
    const seen = facts.interfaces.map(({ name, addresses }) => `${name} ${addresses.join(' ')}`).join(', ');
    throw new RangeError(
      `no interface carries ${address} (there are ${seen}): set keepalived.source_address, or the vip's interface`,
    );
  }
  return found.name;
}
