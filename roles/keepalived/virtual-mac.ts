import type { KeepalivedVars } from './vars.ts';

/** The MAC that the raw line use_vmac gives a virtual IP (RFC 5798, 7.3). */
export function virtualMac(
  { raw_instance: raw }: KeepalivedVars,
  { virtual_router_id: id }: KeepalivedVars['vips'][number],
): string | undefined {
  return raw.some((line) => /^\s*use_vmac\b/.test(line))
    ? `00:00:5e:00:01:${id.toString(16).padStart(2, '0')}`
    : undefined;
}
