/** What the commands of a host take for one name: no option, no pattern, no second line. */
interface Kind {
  readonly what: string;
  readonly pattern: RegExp;
}

const UNIT: Kind = { what: 'the name of a systemd unit', pattern: /^[\w:@\\][\w:.@\\-]*\.[a-z]+$/ };
const PACKAGE: Kind = {
  what: 'the name of a Debian package',
  pattern: /^[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?$/,
};
/** Of a Debian package, as Debian Policy has it. */
export const PACKAGE_VERSION = /^[A-Za-z0-9][\w.+~:-]*$/;
const VERSION: Kind = { what: 'the version of a Debian package', pattern: PACKAGE_VERSION };
const ACCOUNT: Kind = { what: 'the name of a user', pattern: /^[A-Za-z_][\w.-]*\$?$/ };
const SYSCTL: Kind = { what: 'the name of a kernel setting', pattern: /^\w[\w.-]*$/ };
const PATH: Kind = { what: 'an absolute path', pattern: /^\/[^\0\p{Cs}]*$/u };
const MANAGED_PATH: Kind = {
  what: 'an absolute path without empty parts, . and .., and control characters',
  pattern: /^(?:\/(?!\.{1,2}(?:\/|$))[^/\p{Cc}\p{Cs}]+)+$/u,
};

/** `nginx.service`. @throws TypeError */
export const unitName = (value: string) => required(value, UNIT);
/** `libnginx-mod-stream`, `libc6:amd64`. @throws TypeError */
export const packageName = (value: string) => required(value, PACKAGE);
/** `1:2.2.7-1+b2`. @throws TypeError */
export const packageVersion = (value: string) => required(value, VERSION);
/** `keepalived_script`. @throws TypeError */
export const accountName = (value: string) => required(value, ACCOUNT);
/** `net.ipv4.ip_nonlocal_bind`. @throws TypeError */
export const sysctlName = (value: string) => required(value, SYSCTL);
/** What can be read: `/etc/nginx/nginx.conf`. @throws TypeError */
export const pathOnHost = (value: string) => required(value, PATH);
/** What can be written: scripts keep lists of paths, a line each. @throws TypeError */
export const managedPath = (value: string) => required(value, MANAGED_PATH);

/** The same for a directory, which may end with a slash. @throws TypeError */
export const managedDirectory = (value: string) => managedPath(value.replace(/\/+$/, ''));

function required(value: string, { what, pattern }: Kind): string {
  if (!pattern.test(value)) {
    throw new TypeError(`${JSON.stringify(value)} is not ${what}`);
  }
  return value;
}
