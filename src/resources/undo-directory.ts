import { rawScript, type Script } from '../core/script.ts';

/**
 * Shell function `keep PATH`: copies what stands at a path into the change's undo directory, wholly or not at all,
 * or remembers that nothing stands there.
 */
export const KEEP: Script = rawScript(`keep() {
  if [ -e "$1" ] || [ -h "$1" ]; then
    mkdir -p -- "$RP_UNDO$(dirname -- "$1")"
    rm -rf -- "$RP_UNDO/keeping"
    cp -a -- "$1" "$RP_UNDO/keeping"
    mv -fT -- "$RP_UNDO/keeping" "$RP_UNDO$1"
  else
    mkdir -p -- "$RP_UNDO/absent$(dirname -- "$1")"
    : >"$RP_UNDO/absent$1"
  fi
}`);

/** Shell function `make DIRECTORY`: like `mkdir -p`, and the undo directory knows what was made. */
export const MAKE: Script = rawScript(`make() {
  missing=$1
  while [ ! -d "$missing" ]; do
    printf '%s\\n' "$missing" >>"$RP_UNDO/made"
    missing=$(dirname -- "$missing")
  done
  (umask 022; mkdir -p -- "$1")
}`);

/** Shell function `unmake`: removes what `make` made, as far as it is empty; the deepest first. */
export const UNMAKE: Script = rawScript(`unmake() {
  [ ! -f "$RP_UNDO/made" ] || LC_ALL=C sort -r "$RP_UNDO/made" | while IFS= read -r directory; do
    [ ! -d "$directory" ] || rmdir -- "$directory" || echo "$directory: not empty, left" >&2
  done
}`);

/** Shell function `restore PATH`: one rename puts back what was kept; what was not kept was not changed either. */
export const RESTORE: Script = rawScript(`restore() {
  # A dot name: what reads the whole directory, such as nginx's include, passes it over.
  copy=$(dirname -- "$1")/.$(basename -- "$1").run-playbook
  if [ -e "$RP_UNDO$1" ] || [ -h "$RP_UNDO$1" ]; then
    mkdir -p -- "$(dirname -- "$1")"
    rm -rf -- "$copy"
    cp -a -- "$RP_UNDO$1" "$copy"
    mv -fT -- "$copy" "$1"
  elif [ -e "$RP_UNDO/absent$1" ]; then
    rm -f -- "$1"
  fi
}`);
