import { rawScript, type Script } from '../core/script.ts';

/**
 * Shell function `keep PATH`: copies what stands at a path into the change's undo directory, wholly or not at all,
 * or remembers that nothing stands there.
 */
export const KEEP: Script = rawScript(`keep() {
  if [ -e "$1" ] || [ -h "$1" ]; then
    mkdir -p -- "$RP_UNDO\${1%/*}"
    rm -rf -- "$RP_UNDO/keeping"
    cp -a -- "$1" "$RP_UNDO/keeping"
    mv -fT -- "$RP_UNDO/keeping" "$RP_UNDO$1"
  else
    mkdir -p -- "$RP_UNDO/absent\${1%/*}"
    : >"$RP_UNDO/absent$1"
  fi
}`);

/** Shell functions of changes that know of each other: their undo directories stand side by side. */
export const SIBLINGS: Script =
  rawScript(`is_loaded() { # service: a change of this run has had it load something
  for mark in "$RP_UNDO"/../*/"loads.$1"; do [ ! -e "$mark" ] || return 0; done
  return 1
}
kept_by() { # path: the undo directory of a change of this run that kept it
  for undo in "$RP_UNDO" "$RP_UNDO"/../*; do [ ! -e "$undo$1" ] || { echo "$undo"; return 0; }; done
  return 1
}`);

/** Shell function `make DIRECTORY`: like `mkdir -p`, and the undo directory knows what was made. */
export const MAKE: Script = rawScript(`make() {
  missing=$1
  while [ ! -d "$missing/" ]; do
    printf '%s\\n' "$missing" >>"$RP_UNDO/made"
    missing=\${missing%/*}
  done
  [ -d "$1/" ] || (umask 022; mkdir -p -- "$1")
}`);

/** Shell function `unmake`: removes what `make` made, as far as it is empty; the deepest first. */
export const UNMAKE: Script = rawScript(`unmake() {
  [ ! -f "$RP_UNDO/made" ] || LC_ALL=C sort -r "$RP_UNDO/made" | while IFS= read -r directory; do
    [ ! -d "$directory" ] || rmdir -- "$directory" || echo "$directory: not empty, left" >&2
  done
}`);

/**
 * Shell function `restore PATH`: one rename puts back what was kept; what was not kept was not changed either. On a
 * full disk what is to go makes room first.
 */
export const RESTORE: Script = rawScript(`restore() {
  # A dot name: what reads the whole directory, such as nginx's include, passes it over.
  copy=\${1%/*}/.\${1##*/}.run-playbook
  if [ -e "$RP_UNDO$1" ] || [ -h "$RP_UNDO$1" ]; then
    mkdir -p -- "\${1%/*}/"
    rm -rf -- "$copy"
    cp -a -- "$RP_UNDO$1" "$copy" || {
      rm -rf -- "$copy" "$1"
      cp -a -- "$RP_UNDO$1" "$copy" || { rm -rf -- "$copy"; return 1; }
    }
    mv -fT -- "$copy" "$1"
  elif [ -e "$RP_UNDO/absent$1" ]; then
    rm -f -- "$1"
  fi
}`);
