import { directory } from '../../../src/index.ts';
import type { State } from '../state.ts';

const PATH = '/usr/local/rp-contract/deep/er';

const cleanUp = 'rm -rf /usr/local/rp-contract';

export const directoryStates: readonly State[] = [
  {
    about: 'nothing there, its parents neither',
    given: '',
    resource: directory({ path: PATH, mode: '0750', group: 'adm' }),
    plan: 'change',
    writes: [],
    holds: `[ "$(stat -c '%a %U:%G' ${PATH})" = '750 root:adm' ]
[ "$(stat -c '%a %U:%G' /usr/local/rp-contract/deep)" = '755 root:root' ]`,
  },
  {
    about: 'only its parent there',
    given: 'mkdir -p /usr/local/rp-contract/deep',
    cleanUp,
    resource: directory({ path: PATH }),
    plan: 'change',
    writes: [],
  },
  {
    about: 'as declared',
    given: `mkdir -p ${PATH}; chown deploy:adm ${PATH}; chmod 2750 ${PATH}`,
    cleanUp,
    resource: directory({ path: PATH, mode: '2750', owner: 'deploy', group: 'adm' }),
    plan: 'ok',
  },
  {
    about: 'another mode and owner, and something in it',
    given: `mkdir -p ${PATH}; chown deploy:deploy ${PATH}; chmod 1777 ${PATH}; echo x >${PATH}/file`,
    cleanUp,
    resource: directory({ path: PATH, mode: '0755' }),
    plan: 'change',
    writes: [],
    holds: `[ "$(stat -c '%a %U:%G' ${PATH})" = '755 root:root' ]`,
  },
  {
    about: 'a file in its place',
    given: `mkdir -p ${PATH}; rmdir ${PATH}; echo precious >${PATH}`,
    cleanUp,
    resource: directory({ path: PATH }),
    plan: 'unknown',
  },
  {
    about: 'a link to a directory in its place',
    given: `mkdir -p ${PATH}; rmdir ${PATH}; ln -s /tmp ${PATH}`,
    cleanUp,
    resource: directory({ path: PATH }),
    plan: 'unknown',
  },
];
