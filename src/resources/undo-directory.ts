import { rawScript, type Script } from '../core/script.ts';

/** Shell function `keep PATH`: copies what stands at a path into the change's undo directory. */
export const KEEP: Script = rawScript(`keep() {
  if [ -e "$1" ] || [ -h "$1" ]; then
    mkdir -p -- "$RP_UNDO$(dirname -- "$1")"
    cp -a -- "$1" "$RP_UNDO$1"
  fi
}`);

/** Shell function `restore PATH`: one rename puts back what was kept; nothing kept means that nothing was there. */
export const RESTORE: Script = rawScript(`restore() {
  if [ -e "$RP_UNDO$1" ] || [ -h "$RP_UNDO$1" ]; then
    mkdir -p -- "$(dirname -- "$1")"
    rm -rf -- "$1.run-playbook"
    cp -a -- "$RP_UNDO$1" "$1.run-playbook"
    mv -fT -- "$1.run-playbook" "$1"
  else
    rm -f -- "$1"
  fi
}`);
