import { packageName } from '../core/host-argument.ts';
import type { Family, Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** A Debian package on a host. */
export interface PackageState {
  /** `undefined` when not fully installed. */
  readonly installed: string | undefined;
  readonly held: boolean;
  /** What apt would install; known only of packages that are not installed. */
  readonly candidate: string | undefined;
}

/**
 * All packages in one `dpkg-query`; `apt-cache` (0.3 s) runs only for what is missing,
 * and without its cache files, so that it leaves no trace.
 */
const packages: Family<PackageState> = {
  name: 'package',
  scripts: (names) => [
    sh`
installed=$(dpkg-query -W -f='\${Package} \${db:Status-Abbrev} \${Version}\n' ${names})
printf '%s\n' "$installed"
missing=
for name in ${names}; do
  case "
$installed
" in *"
$name "[a-z]i*) ;; *) missing="$missing $name" ;; esac
done
[ -z "$missing" ] || apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy $missing`,
  ],
  parse([frame], names) {
    const text = frame?.stdout.toString('utf8') ?? '';
    return new Map(names.map((name) => [name, parsePackage(text, name)]));
  },
};

/** Whether a package is installed, and in which version. @throws TypeError it is no name of a package */
export function packageNamed(name: string): Query<PackageState> {
  return { family: packages, key: packageName(name) };
}

function parsePackage(text: string, name: string): PackageState {
  const escaped = name.replaceAll(/[.+]/g, '\\$&');
  const [, want, version] = new RegExp(`^${escaped} ([a-z])i  (\\S+)$`, 'm').exec(text) ?? [];
  const [, candidate] =
    new RegExp(`^${escaped}:\\n  Installed: .*\\n  Candidate: (\\S+)`, 'm').exec(text) ?? [];
  return {
    installed: version,
    held: want === 'h',
    candidate: candidate === '(none)' ? undefined : candidate,
  };
}
