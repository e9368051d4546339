import { OK, type Deviation, type Resource } from '../core/resource.ts';
import { joinScripts, rawScript, sh, type Script } from '../core/script.ts';
import { packageNamed, type PackageState } from '../queries/package.ts';

export interface PackageOptions {
  readonly name: string;
  /** Exact Debian version; any installed version is right when absent, so that no run upgrades by surprise. */
  readonly version?: string | undefined;
  /** `apt-mark hold` after installing. */
  readonly hold?: boolean | undefined;
  /** Units that the package would start before their configuration is right: kept from starting while it installs. */
  readonly units?: readonly string[];
  readonly needs?: readonly string[];
}

/**
 * A Debian package that is installed.
 *
 * Manages: that it is installed, its version when one is asked for, its hold.
 * Probe reads: `dpkg-query`, and apt's candidate when it is missing.
 * Change writes: `apt-get install`, existing configuration kept, the package's units masked until the next boot at most while it runs.
 * Undo: the former hold; none for what was installed, and the plan says so.
 * Does not manage: upgrades, repositories, its dependencies' versions.
 */
export function aptPackage(options: PackageOptions): Resource {
  const { name, version, hold } = options;
  const query = packageNamed(name);
  return {
    id: `package ${name}`,
    kind: 'package',
    needs: options.needs ?? [],
    ...(hold !== undefined && { holds: hold }),
    reads: { state: query },
    plan(seen) {
      const { installed, held } = seen.answer(query);
      const wrongVersion = version !== undefined && installed !== version;
      const parts = [
        installed === undefined && `not installed -> ${version ?? 'installed'}`,
        installed !== undefined && wrongVersion && `${installed} -> ${version}`,
        hold !== undefined &&
          installed !== undefined &&
          held !== hold &&
          (hold ? 'not held -> held' : 'held -> not held'),
        hold === true && installed === undefined && 'held',
      ].filter((part) => part !== false);
      if (parts.length === 0) {
        return OK;
      }
      const install = installed === undefined || wrongVersion;
      return {
        is: 'change',
        change: {
          summary: parts.join(', '),
          deviations: deviationsOf(options, { installed, held }),
          apply: applyScript(options, install),
          ...(install
            ? { cannotUndo: 'packages are not removed or downgraded again' }
            : { undo: holdScript(name, held) }),
          timeoutMs: 15 * 60_000,
        },
      };
    },
  };
}

function deviationsOf(
  { name, version, hold }: PackageOptions,
  { installed, held }: Pick<PackageState, 'installed' | 'held'>,
): readonly Deviation[] {
  const isWrong = installed === undefined || (version !== undefined && installed !== version);
  const [is, should] = [held, hold].map((value) => (value === true ? 'held' : 'not held')) as [
    string,
    string,
  ];
  return [
    ...(isWrong
      ? [
          {
            item: name,
            class: 'package' as const,
            found: installed ?? 'not installed',
            expected: version ?? 'installed',
          },
        ]
      : []),
    ...(installed === undefined || hold === undefined || held === hold
      ? []
      : [{ item: `${name} hold`, class: 'package' as const, found: is, expected: should }]),
  ];
}

function applyScript({ name, version, hold, units = [] }: PackageOptions, install: boolean): Script {
  const wanted = version === undefined ? name : `${name}=${version}`;
  const steps = [
    ...(install ? [installScript(wanted, units)] : []),
    ...(hold === undefined ? [] : [holdScript(name, hold)]),
  ];
  return joinScripts(steps);
}

function holdScript(name: string, held: boolean): Script {
  return sh`apt-mark ${held ? 'hold' : 'unhold'} ${name} >&2`;
}

/**
 * A unit that is masked in /run cannot be started by the package's scripts; the mask is gone after
 * a reboot even if this script is killed, and the service resource takes it away in any case.
 */
function installScript(wanted: string, units: readonly string[]): Script {
  return sh`export DEBIAN_FRONTEND=noninteractive
install() {
  apt-get install -y -q --no-install-recommends --allow-change-held-packages --allow-downgrades \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 ${wanted} >&2 </dev/null
}
masked=
release() { for unit in $masked; do rm -f -- "/run/systemd/system/$unit"; done; [ -z "$masked" ] || systemctl daemon-reload; }
trap release EXIT
trap 'exit 143' TERM HUP INT
for unit in ${units.length === 0 ? rawScript('""') : units}; do
  [ -n "$unit" ] || continue
  systemctl is-active -q "$unit" && continue
  mkdir -p /run/systemd/system
  ln -sf /dev/null "/run/systemd/system/$unit"
  masked="$masked $unit"
done
[ -z "$masked" ] || systemctl daemon-reload
dpkg --configure -a >&2 </dev/null
apt-cache show --no-all-versions ${wanted} >/dev/null 2>&1 || apt-get update -q >&2
install || { apt-get update -q >&2 && install; }`;
}
