import type { ClusterHost, Objection, RoleContext } from 'run-playbook';
import type { CheckScriptVars } from '../check-script/vars.ts';
import type { HaproxyVars } from '../haproxy/vars.ts';
import type { NginxVars } from '../nginx/vars.ts';
import type { KeepalivedVars } from './vars.ts';

type Service = 'nginx' | 'haproxy';
type Scripts = CheckScriptVars['checks'];

/** What the virtual IP follows, and what it should. */
export function watchingObjections({ host, vars }: RoleContext<KeepalivedVars>): readonly Objection[] {
  const scripts = (host.vars.get('check_script') as CheckScriptVars | undefined)?.checks;
  const checks = Object.entries(vars.checks).map(([name, { script, timeout }]): Watch => ({
    name,
    timeoutMs: timeout * 1000,
    scripts: script === undefined && scripts !== undefined ? scripts : undefined,
  }));
  return [
    ...(vars.track.length + checks.length > 0
      ? []
      : [
          {
            rule: 'HA120',
            path: 'keepalived.track',
            what: 'is empty, and so is keepalived.checks: a dead service keeps the virtual IP',
            hint: 'set keepalived.track: [nginx]',
          },
        ]),
    ...behindProxy(host, vars, checks),
    ...silentServices(host, vars),
    ...checks.flatMap((check) => [...withoutScript(check), ...cutOff(check)]),
    ...blindChecks(host, checks),
  ];
}

/** A check that keepalived runs. */
interface Watch {
  readonly name: string;
  readonly timeoutMs: number;
  /** All scripts of the host; undefined when this check has one that is not of the check_script role. */
  readonly scripts: Scripts | undefined;
}

/** HAProxy runs: the virtual IP is to follow it, and nginx is its own business. */
function behindProxy(
  host: ClusterHost,
  { track }: KeepalivedVars,
  checks: readonly Watch[],
): readonly Objection[] {
  if (haproxyOf(host)?.state !== 'running') {
    return [];
  }
  const about = checks.map((check) => ({ name: check.name, service: serviceOf(check, host) }));
  const ofNginx = about.filter(({ service }) => service === 'nginx');
  // Nobody knows what somebody's own script looks at.
  const isWatched = track.includes('haproxy') || about.some(({ service }) => service !== 'nginx');
  const hint = 'leave it to the playbook, or set keepalived.track: [haproxy]';
  return [
    ...(track.includes('nginx')
      ? [{ rule: 'HA121', path: 'keepalived.track', what: 'names nginx, and HAProxy serves', hint }]
      : []),
    ...ofNginx.map(({ name }) => ({
      rule: 'HA121',
      path: `keepalived.checks.${name}`,
      what: 'looks at nginx, and HAProxy serves',
      hint: 'check what clients reach: kind http, service haproxy',
    })),
    ...(isWatched
      ? []
      : [
          {
            rule: 'HA122',
            path: 'keepalived.track',
            what: 'does not name haproxy, and no check looks at it',
            hint,
          },
        ]),
  ];
}

/** Services that are tracked and whose unit never writes the track file. */
function silentServices(host: ClusterHost, { track }: KeepalivedVars): readonly Objection[] {
  const nginx = host.vars.get('nginx') as NginxVars | undefined;
  const haproxy = haproxyOf(host);
  const stopped = track.includes('haproxy') && haproxy?.state === 'stopped';
  const silent = (['nginx', 'haproxy'] as const).filter(
    (name) => track.includes(name) && { nginx, haproxy }[name]?.vip_follows === false,
  );
  return [
    ...(stopped
      ? [
          {
            rule: 'HA123',
            path: 'keepalived.track',
            what: 'names haproxy, which is not to run: no host could hold the virtual IP',
            hint: 'set keepalived.track: [nginx]',
          },
        ]
      : []),
    ...silent.map((name) => ({
      rule: 'HA123',
      path: `${name}.vip_follows`,
      what: `is false, and keepalived.track names ${name}: after a boot no host could hold the virtual IP`,
      hint: `set ${name}.vip_follows: true, or do not track it`,
    })),
  ];
}

function withoutScript({ name, scripts }: Watch): readonly Objection[] {
  return scripts === undefined || Object.hasOwn(scripts, name)
    ? []
    : [
        {
          rule: 'HA124',
          path: `keepalived.checks.${name}`,
          what: `has no script, and there is no check_script.checks.${name}`,
          hint: `declare check_script.checks.${name}, or set keepalived.checks.${name}.script`,
        },
      ];
}

function cutOff({ name, timeoutMs, scripts }: Watch): readonly Objection[] {
  const check = scripts?.[name];
  const ownMs = check !== undefined && 'timeout_ms' in check ? check.timeout_ms : 0;
  return ownMs < timeoutMs
    ? []
    : [
        {
          rule: 'HA126',
          path: `check_script.checks.${name}.timeout_ms`,
          what: `is ${ownMs}, and keepalived ends the script after ${timeoutMs}`,
          hint: `set it below ${timeoutMs}, or keepalived.checks.${name}.timeout higher`,
        },
      ];
}

/** Checks for a process or an open port, where none waits for an answer of the same service. */
function blindChecks(host: ClusterHost, checks: readonly Watch[]): readonly Objection[] {
  const kinds = checks.map((check) => ({
    name: check.name,
    kind: check.scripts?.[check.name]?.kind,
    service: serviceOf(check, host),
  }));
  return kinds
    .filter(({ kind, service }) => {
      const asked = kinds.some((other) => other.service === service && other.kind === 'http');
      return service !== undefined && !asked && (kind === 'process' || kind === 'tcp');
    })
    .map(({ name, kind, service }) => ({
      rule: 'HA125',
      path: `check_script.checks.${name}.kind`,
      what: `is ${kind}, which ${service} passes while it hangs`,
      hint: `set it to http, with service: ${service}`,
    }));
}

/** The service that a check is about, as far as can be told. */
function serviceOf({ name, scripts = {} }: Watch, host: ClusterHost): Service | undefined {
  const check = scripts[name];
  switch (check?.kind) {
    case 'process':
      return check.process === 'nginx' || check.process === 'haproxy' ? check.process : undefined;
    case 'http':
      return check.service ?? serviceAt(check.port ?? 80, host);
    case 'tcp':
      return serviceAt(check.port, host);
    default:
      return undefined;
  }
}

function serviceAt(port: number, host: ClusterHost): Service | undefined {
  const haproxy = haproxyOf(host);
  const { frontends = {}, listen = {}, local } = haproxy?.state === 'running' ? haproxy : {};
  const binds = [...Object.values(frontends), ...Object.values(listen)].flatMap(({ bind }) => bind);
  if (port === local?.port || binds.some((bind) => bind.port === port)) {
    return 'haproxy';
  }
  return port === (host.vars.get('nginx') as NginxVars | undefined)?.port ? 'nginx' : undefined;
}

function haproxyOf(host: ClusterHost): HaproxyVars | undefined {
  return host.vars.get('haproxy') as HaproxyVars | undefined;
}
