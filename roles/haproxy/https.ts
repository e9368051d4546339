import type { Objection } from 'run-playbook';
import { bindsOf } from './cluster.ts';
import type { Bind } from './schema/bind.ts';
import type { HaproxyVars } from './vars.ts';

/** TLS as it is declared, or in words of the user's own. */
export function speaksTls({ tls, raw }: Bind): boolean {
  return tls !== undefined || raw.some((line) => /(^|\s)ssl(\s|$)/.test(line));
}

/**
 * Where a section's clients find TLS: a port of its own before those of other sections, 443 before others.
 *
 * @param section `frontends.http-in`
 */
export function httpsPort(section: string, vars: HaproxyVars): number | undefined {
  const offers = bindsOf(vars).filter(({ bind }) => speaksTls(bind));
  const own = offers.filter((offer) => offer.section === section);
  const ports = (own.length > 0 ? own : offers).map(({ bind }) => bind.port);
  return ports.includes(443) ? 443 : ports[0];
}

/** Redirects to a port where nobody speaks TLS. */
export function aboutRedirects(vars: HaproxyVars): readonly Objection[] {
  const sections = [
    ...Object.entries(vars.frontends).map(([name, section]) => [`frontends.${name}`, section] as const),
    ...Object.entries(vars.listen).map(([name, section]) => [`listen.${name}`, section] as const),
  ];
  return sections
    .filter(([section, { redirect_https }]) => redirect_https && httpsPort(section, vars) === undefined)
    .map(([section]) => ({
      rule: 'HA177',
      path: `haproxy.${section}.redirect_https`,
      what: 'redirects to https, and no bind speaks TLS',
      hint: 'give a bind a certificate, or leave it out',
    }));
}
