import { joinScripts, rawScript, sh, type Script } from '../core/script.ts';
import type { Secret } from '../core/secret.ts';
import type { Difference } from './file-difference.ts';
import { KEEP, MAKE, RESTORE, SIBLINGS, UNMAKE } from './undo-directory.ts';

/** Exit code of an install script whose validator refused the staged set; nothing was installed. */
const NOT_VALID = 65;

interface InstallOptions {
  readonly root: string;
  readonly differences: readonly Difference[];
  readonly validate?: Script;
  readonly after?: Script;
  readonly secrets?: readonly Secret[];
  /** Stamp of the service that loads these files; removed before their content changes. */
  readonly stamp?: string | undefined;
}

/** The stage stands beside the root, or beside the first missing directory above it: one file system, so a rename is atomic. */
const STAGE = rawScript(`umask 077
base=$root
while [ ! -d "\${base%/*}/" ]; do base=\${base%/*}; done
rm -rf -- "$base".run-playbook.??????
stage=$(mktemp -d -- "$base.run-playbook.XXXXXX")
printf '%s\n' "$stage" >"$RP_UNDO/stage"
trap 'rm -rf -- "$stage"' EXIT
# dash leaves its EXIT trap out when a signal ends it.
trap 'exit 143' TERM HUP INT
write() { # below content owner mode
  case $1 in */*) mkdir -p -- "$stage/\${1%/*}" ;; esac
  rm -f -- "$stage/$1"
  printf %s "$2" >"$stage/$1"
  chown -- "$3" "$stage/$1"
  chmod -- "$4" "$stage/$1"
}
place() { # below
  name=$root/$1
  make "\${name%/*}"
  mv -fT -- "$stage/$1" "$name"
}`);

/**
 * Stages the files, validates the whole as the service would read it, keeps the former files in
 * `RP_UNDO`, then renames each new file into place.
 */
export function installScript(options: InstallOptions): Script {
  const { root, differences, validate } = options;
  const { stamp } = options;
  const present = differences.flatMap(({ path, wanted, accessOnly }) =>
    wanted === undefined ? [] : [{ path, name: below(root, path), accessOnly, ...wanted }],
  );
  const written = present.filter((file) => file.accessOnly !== true);
  const removed = differences
    .filter(({ wanted }) => wanted === undefined)
    .map(({ path }) => below(root, path));
  const script = joinScripts([
    sh`root=${root}`,
    KEEP,
    MAKE,
    UNMAKE,
    STAGE,
    ...(validate === undefined ? [] : [sh`[ ! -d "$root" ] || cp -a -- "$root/." "$stage/"`]),
    ...written.map(
      (file) => sh`write ${file.name} ${file.content} ${`${file.owner}:${file.group}`} ${file.mode}`,
    ),
    ...(validate === undefined
      ? []
      : [...removed.map((name) => sh`rm -f -- "$stage"/${name}`), validation(validate)]),
    ...differences.map(({ path }) => sh`keep ${path}`),
    ...(stamp === undefined ? [] : [sh`keep ${stamp}; rm -f -- ${stamp}`]),
    ...written.map((file) => sh`place ${file.name}`),
    ...removed.map((name) => sh`rm -f -- "$root"/${name}`),
    ...present
      .filter((file) => file.accessOnly === true)
      .map(
        (file) =>
          sh`chown -- ${`${file.owner}:${file.group}`} ${file.path}; chmod -- ${file.mode} ${file.path}`,
      ),
    ...(options.after === undefined ? [] : [options.after]),
  ]);
  return { text: script.text, secrets: [...script.secrets, ...(options.secrets ?? [])] };
}

/**
 * Puts back what `installScript` kept, byte for byte, and removes directories that it made.
 *
 * @param loaded the service's stamp: it would be a lie from here until a service that has loaded the new files loads
 * these, and so that service's own undo puts it back
 */
export function restoreScript(
  paths: readonly string[],
  loaded: { readonly by: string; readonly stamp: string } | undefined,
  after: Script | undefined,
): Script {
  return joinScripts([
    RESTORE,
    UNMAKE,
    ...(loaded === undefined
      ? []
      : [
          SIBLINGS,
          sh`if is_loaded ${loaded.by}; then rm -f -- ${loaded.stamp}; else restore ${loaded.stamp}; fi`,
        ]),
    ...paths.map((path) => sh`restore ${path}`),
    sh`unmake`,
    ...(after === undefined ? [] : [after]),
  ]);
}

/**
 * Shows the validator the staged set under its final path, by a mount only it can see, so that its
 * messages name real files and lines. Where mounting is not allowed (some LXC containers), `RP_ROOT` is the stage.
 *
 * The validator travels in the environment, which is root's alone to read: everybody sees what stands in argv.
 */
function validation(validate: Script): Script {
  const { text } = sh`RP_ROOT=$stage; RP_VALIDATE=${validate.text}; export RP_ROOT RP_VALIDATE
if [ -d "$root" ]; then chmod --reference="$root" "$stage"; else chmod 0755 "$stage"; fi
make "$root"
valid=yes
if unshare -m true 2>/dev/null; then
  unshare -m -- sh -c 'mount --bind "$RP_ROOT" "$1" && RP_ROOT=$1 && eval "$RP_VALIDATE"' sh "$root" </dev/null >&2 || valid=
else
  sh -c 'eval "$RP_VALIDATE"' </dev/null >&2 || valid=
fi
[ -n "$valid" ] || { unmake; echo 'the staged configuration is not valid, nothing was installed' >&2; exit ${NOT_VALID}; }`;
  return { text, secrets: validate.secrets };
}

function below(root: string, path: string): string {
  return path.slice(root.length + 1);
}
