import { sysctl } from '../../../src/index.ts';
import type { State } from '../state.ts';

const NAME = 'net.ipv4.ip_nonlocal_bind';
const FILE = `/etc/sysctl.d/90-run-playbook-${NAME}.conf`;
const RMEM = 'net.ipv4.tcp_rmem';
const RMEM_FILE = `/etc/sysctl.d/90-run-playbook-${RMEM}.conf`;

const resource = sysctl({ name: NAME, value: 1 });
const running = (value: number) => `sysctl -q -w ${NAME}=${value}`;
const kept = (value: number) => `printf '# managed by run-playbook\\n${NAME} = ${value}\\n' >${FILE}`;
const cleanUp = `rm -f ${FILE} ${RMEM_FILE}; ${running(0)}`;
const holds = `[ "$(sysctl -n ${NAME})" = 1 ] && [ "$(tail -1 ${FILE})" = '${NAME} = 1' ]`;

export const sysctlStates: readonly State[] = [
  { about: 'neither running nor kept', given: running(0), resource, plan: 'change', writes: [FILE], holds },
  { about: 'running and kept', given: `${running(1)}; ${kept(1)}`, cleanUp, resource, plan: 'ok' },
  { about: 'running, not kept', given: running(1), cleanUp, resource, plan: 'change', writes: [FILE], holds },
  {
    about: 'kept, not running: only the running value is set',
    given: `${running(0)}; ${kept(1)}`,
    cleanUp,
    resource,
    plan: 'change',
    writes: [],
    holds,
  },
  {
    about: 'another value kept, long ago',
    given: `${running(1)}; ${kept(0)}; chmod 0600 ${FILE}; touch -d 2001-02-03 ${FILE}`,
    cleanUp,
    resource,
    plan: 'change',
    writes: [FILE],
    holds,
  },
  {
    about: 'a link where it is kept',
    given: `${running(0)}; ln -s /dev/null ${FILE}`,
    cleanUp,
    resource,
    plan: 'change',
    writes: [FILE],
    holds,
  },
  {
    about: 'several numbers',
    given: '',
    cleanUp,
    resource: sysctl({ name: RMEM, value: '4096 131072 6291457' }),
    plan: 'change',
    writes: [RMEM_FILE],
  },
  {
    about: 'a setting that the kernel does not have',
    given: '',
    resource: sysctl({ name: 'net.ipv4.no_such_setting', value: 1 }),
    plan: 'unknown',
  },
];
