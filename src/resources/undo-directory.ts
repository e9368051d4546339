import { rawScript, type Script } from '../core/script.ts';

/** Shell function `keep PATH`: copies what stands at a path into the change's undo directory. */
export const KEEP: Script = rawScript(`keep() {
  if [ -e "$1" ] || [ -h "$1" ]; then
    mkdir -p -- "$RP_UNDO$(dirname -- "$1")"
    cp -a -- "$1" "$RP_UNDO$1"
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

/** Shell function `restore PATH`: one rename puts back what was kept; nothing kept means that nothing was there. */
export const RESTORE: Script = rawScript(`restore() {
  # A dot name: what reads the whole directory, such as nginx's include, passes it over.
  copy=$(dirname -- "$1")/.$(basename -- "$1").run-playbook
  if [ -e "$RP_UNDO$1" ] || [ -h "$RP_UNDO$1" ]; then
    mkdir -p -- "$(dirname -- "$1")"
    rm -rf -- "$copy"
    cp -a -- "$RP_UNDO$1" "$copy"
    mv -fT -- "$copy" "$1"
  else
    rm -f -- "$1"
  fi
}`);
