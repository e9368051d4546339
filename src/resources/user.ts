import { OK, type Resource } from '../core/resource.ts';
import { sh } from '../core/script.ts';
import { accountNamed } from '../queries/account.ts';

export interface SystemUserOptions {
  readonly name: string;
  readonly needs?: readonly string[];
}

const HOME = '/nonexistent';
const SHELL = '/usr/sbin/nologin';

/**
 * A system user that nobody can log in as.
 *
 * Manages: existence, home and shell.
 * Probe reads: `getent passwd`.
 * Change writes: `useradd --system`, or `usermod`.
 * Undo: `userdel`, or the former home and shell.
 * Does not manage: its id, groups, password, files it owns.
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
      const { exists, home, shell } = seen.answer(query);
      if (!exists) {
        return {
          is: 'change',
          change: {
            summary: 'absent -> system user without login',
            // A group of that name may be there already, and `userdel` takes it along.
            apply: sh`if getent group ${name} >"$RP_UNDO/group"; then set -- --gid ${name}; else set -- --user-group; fi
useradd --system "$@" --no-create-home --home-dir ${HOME} --shell ${SHELL} -- ${name}`,
            undo: sh`userdel -- ${name}
if IFS=: read -r group _ gid _ <"$RP_UNDO/group" && ! getent group "$group" >/dev/null; then
  groupadd --gid "$gid" -- "$group"
fi`,
          },
        };
      }
      const parts = [
        home !== HOME && `home ${home} -> ${HOME}`,
        shell !== SHELL && `shell ${shell} -> ${SHELL}`,
      ];
      const summary = parts.filter((part) => part !== false).join(', ');
      if (summary === '') {
        return OK;
      }
      return {
        is: 'change',
        change: {
          summary,
          apply: sh`usermod --home ${HOME} --shell ${SHELL} -- ${name}`,
          undo: sh`usermod --home ${home} --shell ${shell} -- ${name}`,
        },
      };
    },
  };
}
