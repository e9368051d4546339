import type { Vip } from './configuration.ts';
import type { KeepalivedVars } from './vars.ts';
import { isInterfaceName } from './words.ts';

/** Keepalived marks the routes it makes with this protocol; older systems have no name for it. */
const ROUTE_PROTOCOL = 18;

/** Arguments of `ip` that remove everything a killed keepalived leaves behind. */
export function leftovers(vars: KeepalivedVars, vips: readonly Vip[]): readonly string[] {
  const routes = ['-4', '-6'].map((family) => `${family} route flush table all proto ${ROUTE_PROTOCOL}`);
  const excluded = vars.virtual_ipaddress_excluded.flatMap((line) => addressAndDevice(line, vips[0]));
  return [
    ...(vars.virtual_routes.length > 0 ? routes : []),
    ...[...excluded, ...vips.map((vip) => [vip.address, vip.interface])].map(
      ([address, device]) => `addr del ${address} dev ${device}`,
    ),
  ];
}

/** Of a line as keepalived reads it: the address first, then words such as `dev eth0` in any order. */
function addressAndDevice(line: string, vip: Vip | undefined): readonly (readonly string[])[] {
  const [address, ...words] = line
    .replace(/[#!].*$/, '')
    .split(/\s+/)
    .filter((word) => word !== '');
  const device = words.includes('dev') ? words[words.indexOf('dev') + 1] : vip?.interface;
  // It becomes a line of a unit, where some characters are not themselves.
  const isPlain = /^[\da-fA-F.:]+(?:\/\d+)?$/.test(address ?? '') && isInterfaceName(device ?? '');
  return address !== undefined && device !== undefined && isPlain ? [[address, device]] : [];
}
