import { systemUser } from '../../../src/index.ts';
import type { State } from '../state.ts';

const NAME = 'rp_contract';
const BOOKS = ['group', 'gshadow', 'passwd', 'shadow'].map((name) => `/etc/${name}`);
const BACKUPS = [...BOOKS, '/etc/subgid', '/etc/subuid'].map((path) => `${path}-`);

const resource = systemUser({ name: NAME });

const notRestored: State['notRestored'] = {
  why: 'useradd and userdel write the books anew, line for line the same, and keep a backup of their own',
  ignored: (path) =>
    BACKUPS.includes(path) || path === '/etc/.pwd.lock'
      ? ['digest', 'modified', 'changed', 'mode', 'owner']
      : BOOKS.includes(path)
        ? ['modified', 'changed']
        : [],
};

export const userStates: readonly State[] = [
  {
    about: 'no such user',
    given: '',
    resource,
    plan: 'change',
    notRestored,
    holds: `[ "$(getent passwd ${NAME} | cut -d: -f6-)" = /nonexistent:/usr/sbin/nologin ]
[ "$(id -gn ${NAME})" = ${NAME} ]; [ "$(id -u ${NAME})" -lt 1000 ]; [ ! -e /nonexistent ]`,
  },
  {
    about: 'no such user, but a group of that name',
    given: `groupadd --gid 987 ${NAME}`,
    cleanUp: `groupdel ${NAME}`,
    resource,
    plan: 'change',
    notRestored,
    holds: `[ "$(id -g ${NAME})" = 987 ]`,
  },
  {
    about: 'there as declared',
    given: `useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin ${NAME}`,
    cleanUp: `userdel ${NAME}`,
    resource,
    plan: 'ok',
  },
  {
    about: 'there, and somebody logs in as it',
    given: `useradd --home-dir /home/${NAME} --shell /bin/bash ${NAME}`,
    cleanUp: `userdel ${NAME}`,
    resource,
    plan: 'ok',
  },
];
