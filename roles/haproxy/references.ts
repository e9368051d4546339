import type { Objection } from 'run-playbook';
import { bindsOf, defaultBackend, poolsOf, serversOf, type Context } from './cluster.ts';
import { aboutRedirects } from './https.ts';
import type { HaproxyVars } from './vars.ts';

/** Names of one section that another one uses, and that must be declared. */
export function aboutReferences(context: Context): readonly Objection[] {
  const { vars } = context;
  return [
    ...unknownCertificates(vars),
    ...unknownBackends(vars),
    ...withoutBackend(vars),
    ...aboutRedirects(vars),
    ...equalNames(vars),
    ...unknownAcls(vars),
    ...aboutServers(context),
  ];
}

/** What is hidden in errors is told by its name only. */
export function aboutSecrets({ certificates, userlists }: HaproxyVars): readonly Objection[] {
  const pem = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/;
  const hash = /^\$\w+\$[^\s"'#\\]+$/;
  return [
    ...Object.entries(certificates)
      .filter(([, text]) => !pem.test(text.reveal()))
      .map(([name]) => ({
        rule: 'HA180',
        path: `haproxy.certificates.${name}`,
        what: 'is not the text of a PEM file',
        hint: 'write certificate, chain and key as they are, line breaks too; in .env between double quotes',
      })),
    ...Object.entries(userlists).flatMap(([list, users]) =>
      Object.entries(users)
        .filter(([, text]) => !hash.test(text.reveal()))
        .map(([user]) => ({
          rule: 'HA180',
          path: `haproxy.userlists.${list}.${user}`,
          what: 'is not a password hash',
          hint: 'openssl passwd -6 makes one',
        })),
    ),
  ];
}

function unknownCertificates(vars: HaproxyVars): readonly Objection[] {
  return bindsOf(vars).flatMap(({ path, bind }) =>
    (bind.tls?.certificate ?? [])
      .filter((name) => !name.startsWith('/') && !Object.hasOwn(vars.certificates, name))
      .map((name) => ({
        rule: 'HA176',
        path: `${path}.tls.certificate`,
        what: `names the certificate ${name}, which is not declared`,
        hint: `declare haproxy.certificates.${name}, or give the path of a PEM file`,
      })),
  );
}

function unknownBackends({ frontends, backends }: HaproxyVars): readonly Objection[] {
  return Object.entries(frontends).flatMap(([name, { default_backend, use_backend }]) => {
    const used = [
      ...(default_backend === undefined ? [] : [['default_backend', default_backend] as const]),
      ...use_backend.map(({ backend }, index) => [`use_backend.${index}.backend`, backend] as const),
    ];
    return used
      .filter(([, backend]) => !Object.hasOwn(backends, backend))
      .map(([where, backend]) => ({
        rule: 'HA176',
        path: `haproxy.frontends.${name}.${where}`,
        what: `names the backend ${backend}, which is not declared`,
        hint: `there are: ${Object.keys(backends).join(', ') || 'none'}`,
      }));
  });
}

/** Every request that no rule answers would end in a 503. */
function withoutBackend(vars: HaproxyVars): readonly Objection[] {
  return Object.entries(vars.frontends)
    .filter(
      ([, frontend]) =>
        defaultBackend(frontend, vars) === undefined &&
        frontend.use_backend.length + frontend.rules.length + frontend.raw.length === 0 &&
        !frontend.redirect_https,
    )
    .map(([name]) => ({
      rule: 'HA177',
      path: `haproxy.frontends.${name}`,
      what: 'has no default_backend, and there is not one backend only',
      hint: `name one of: ${Object.keys(vars.backends).join(', ') || 'none is declared'}`,
    }));
}

/** A listen section is both, so neither may have its name. */
function equalNames({ frontends, backends, listen }: HaproxyVars): readonly Objection[] {
  return Object.keys(listen)
    .filter((name) => Object.hasOwn(frontends, name) || Object.hasOwn(backends, name))
    .map((name) => ({
      rule: 'HA178',
      path: `haproxy.listen.${name}`,
      what: `has the name of a ${Object.hasOwn(frontends, name) ? 'frontend' : 'backend'}`,
      hint: 'give it a name of its own',
    }));
}

function unknownAcls({ frontends, listen }: HaproxyVars): readonly Objection[] {
  const sections = [
    ...Object.entries(frontends).map(([name, section]) => [`frontends.${name}`, section] as const),
    ...Object.entries(listen).map(
      ([name, section]) => [`listen.${name}`, { ...section, use_backend: [] }] as const,
    ),
  ];
  return sections.flatMap(([path, { acls, rules, use_backend, raw }]) => {
    const written = [...rules, ...raw].flatMap((line) => /^\s*acl\s+(\S+)/.exec(line)?.[1] ?? []);
    const known = new Set([...Object.keys(acls), ...written]);
    const conditions = [
      ...use_backend.map((use, index) => [`use_backend.${index}.if`, use.if] as const),
      ...rules.map((rule, index) => [`rules.${index}`, conditionOf(rule)] as const),
    ];
    return conditions.flatMap(([where, condition]) =>
      aclsIn(condition)
        .filter((name) => !known.has(name))
        .map((name) => ({
          rule: 'HA176',
          path: `haproxy.${path}.${where}`,
          what: `names the acl ${name}, which is not declared`,
          hint: `declare haproxy.${path}.acls.${name}`,
        })),
    );
  });
}

/** What follows `if` or `unless`; nothing where a quote makes it hard to tell. */
function conditionOf(rule: string): string {
  return /\s(?:if|unless)\s+([^"'\\]*)$/.exec(rule)?.[1] ?? '';
}

/** The names in a condition; HAProxy's own are in capitals, and criteria in braces have none. */
function aclsIn(condition: string): readonly string[] {
  return condition
    .replaceAll(/\{[^}]*\}/g, ' ')
    .split(/\s+/)
    .map((word) => word.replace(/^!+/, ''))
    .filter((word) => /[a-z]/.test(word) && word !== 'or' && word !== 'and');
}

function aboutServers({ vars, cluster }: Context): readonly Objection[] {
  return Object.entries(poolsOf(vars)).flatMap(([name, pool]) => {
    const section = Object.hasOwn(vars.backends, name) ? 'backends' : 'listen';
    const path = `haproxy.${section}.${name}.servers`;
    const names = serversOf(pool, cluster.hosts).map((server) => server.name);
    const twice = names.filter((server, index) => names.indexOf(server) < index);
    const strange = pool.servers.backup.filter((server) => !names.includes(server));
    const { group } = pool.servers;
    const isEmptyGroup = group !== undefined && cluster.hosts.every(({ groups }) => !groups.includes(group));
    return [
      ...twice.map((server) => ({ rule: 'HA178', path, what: `has two servers with the name ${server}` })),
      ...strange.map((server) => ({
        rule: 'HA176',
        path: `${path}.backup`,
        what: `names the server ${server}, which is none of: ${names.join(', ')}`,
      })),
      ...(isEmptyGroup
        ? [
            {
              rule: 'HA176',
              path: `${path}.group`,
              what: `no host of this playbook is in the group ${group}`,
            },
          ]
        : []),
      ...(names.length === 0 && !isEmptyGroup ? [{ rule: 'HA179', path, what: 'lists no server' }] : []),
    ];
  });
}
