import { OK, type Resource } from '../core/resource.ts';
import { sh } from '../core/script.ts';
import { accountNamed } from '../queries/account.ts';

export interface SystemUserOptions {
  readonly name: string;
  readonly needs?: readonly string[];
}

/**
 * A system user that nobody can log in as.
 *
 * Manages: existence.
 * Probe reads: `getent passwd`.
 * Change writes: `useradd --system`, without home and login.
 * Undo: `userdel`.
 * Does not manage: an account that exists, whatever it is: changing its shell could lock somebody out.
 */
export function systemUser(options: SystemUserOptions): Resource {
  const { name } = options;
  const query = accountNamed(name);
  return {
    id: `user ${name}`,
    kind: 'user',
    needs: options.needs ?? [],
    reads: { account: query },
    plan(seen) {
      if (seen.answer(query).exists) {
        return OK;
      }
      return {
        is: 'change',
        change: {
          summary: 'absent -> system user without login',
          deviations: [{ item: name, class: 'user', found: 'absent', expected: 'system user without login' }],
          // A group of that name may be there already, and `userdel` takes it along.
          apply: sh`if getent group ${name} >"$RP_UNDO/group"; then set -- --gid ${name}; else set -- --user-group; fi
useradd --system "$@" --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin -- ${name}`,
          undo: sh`getent passwd ${name} >/dev/null || exit 0
userdel -- ${name}
if IFS=: read -r group _ gid _ <"$RP_UNDO/group" && ! getent group "$group" >/dev/null; then
  groupadd --gid "$gid" -- "$group"
fi`,
        },
      };
    },
  };
}
