/**
 * A sudo for the login user's PATH, with the words of sudo 1.9.13.
 *
 * FAKE_SUDO in its environment: nothing (no password), `password` (the right one is `hunter2`),
 * `telling` (what was given), `tty`, `denied`, `odd`. Wrong passwords are kept in the file `tries` beside it. Its options are read as sudo reads them, `--` ends them.
 */
export const FAKE_SUDO = `#!/bin/sh
login=deploy stdin= prompt='[sudo] password for deploy: '
while [ "$1" != -- ]; do
  case $1 in
    -n) ;;
    -S) stdin=1 ;;
    -H) ;;
    -p) prompt=$2; shift ;;
    -u) [ "$2" = root ] || { echo "sudo: unknown user $2" >&2; exit 1; }; shift ;;
    *) echo "sudo: invalid option $1" >&2; exit 1 ;;
  esac
  shift
done
shift
case $FAKE_SUDO in
  password)
    [ -n "$stdin" ] || { echo 'sudo: a password is required' >&2; exit 1; }
    echo 'We trust you have received the usual lecture from the local System Administrator.' >&2
    for try in 1 2 3; do
      printf %s "$prompt" >&2
      IFS= read -r given || { echo 'sudo: no password was provided' >&2; exit 1; }
      [ "$given" = hunter2 ] && exec env FAKE_ROOT=1 "$@"
      echo "$given" >> "$(dirname "$0")/tries"
      echo 'Sorry, try again.' >&2
    done
    echo 'sudo: 3 incorrect password attempts' >&2
    exit 1 ;;
  telling)
    printf %s "$prompt" >&2
    IFS= read -r given
    printf '%s\\n' "sudo: $given is no password" 'Sorry, try again.' "$prompt" >&2
    exit 1 ;;
  tty) echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1 ;;
  denied) echo "$login is not in the sudoers file." >&2; exit 1 ;;
  odd) echo 'sudo: Ein Passwort ist notwendig' >&2; exit 0 ;;
esac
exec env FAKE_ROOT=1 "$@"
`;
