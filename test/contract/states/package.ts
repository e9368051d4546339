import { aptPackage } from '../../../src/index.ts';
import type { State } from '../state.ts';

const units = ['keepalived.service'];
const install = 'DEBIAN_FRONTEND=noninteractive apt-get install -y -q keepalived >/dev/null 2>&1';
const held = (expected: string) => `[ "$(apt-mark showhold)" = "${expected}" ]`;

/** In this order: installing is what takes the time, so each state begins where the last one ended. */
export const packageStates: readonly State[] = [
  {
    about: 'not installed: installed, and its unit not started meanwhile',
    given: '',
    resource: aptPackage({ name: 'keepalived', units }),
    plan: 'change',
    cannotUndo: true,
    holds: `dpkg -s keepalived >/dev/null; ! systemctl is-active -q keepalived
[ ! -e /run/systemd/system/keepalived.service ]; journalctl -u keepalived -q | grep -c Started && exit 1 || :`,
  },
  { about: 'installed', given: '', resource: aptPackage({ name: 'keepalived', units }), plan: 'ok' },
  {
    about: 'installed, to be held',
    given: '',
    resource: aptPackage({ name: 'keepalived', hold: true }),
    plan: 'change',
    notRestored: dpkgStatus(),
    holds: held('keepalived'),
  },
  {
    about: 'held, not to be held',
    given: 'apt-mark -q hold keepalived',
    cleanUp: 'apt-mark -q unhold keepalived',
    resource: aptPackage({ name: 'keepalived', hold: false }),
    plan: 'change',
    notRestored: dpkgStatus(),
    holds: held(''),
  },
  {
    about: 'held, and nobody asked',
    given: 'apt-mark -q hold keepalived',
    cleanUp: 'apt-mark -q unhold keepalived',
    resource: aptPackage({ name: 'keepalived' }),
    plan: 'ok',
  },
  {
    about: 'the exact version installed',
    given: '',
    resource: aptPackage({ name: 'keepalived', version: '1:2.2.7-1+b2' }),
    plan: 'ok',
  },
  {
    about: 'removed, its configuration left: installed again with that configuration, and held',
    given: 'echo "# own" >/etc/keepalived/keepalived.conf; apt-get remove -y -q keepalived >/dev/null 2>&1',
    resource: aptPackage({ name: 'keepalived', version: '1:2.2.7-1+b2', hold: true, units }),
    plan: 'change',
    cannotUndo: true,
    cleanUp: 'apt-mark -q unhold keepalived',
    holds: `[ "$(cat /etc/keepalived/keepalived.conf)" = "# own" ]; ! systemctl is-active -q keepalived; ${held('keepalived')}`,
  },
  {
    about: 'unpacked and never configured, as after a power loss',
    given: `apt-get remove -y -q keepalived >/dev/null 2>&1; dpkg --unpack /srv/apt/keepalived_*.deb >/dev/null 2>&1`,
    resource: aptPackage({ name: 'keepalived', units }),
    plan: 'change',
    cannotUndo: true,
    cleanUp: install,
  },
];

function dpkgStatus(): NonNullable<State['notRestored']> {
  return {
    why: 'dpkg writes its status anew and keeps a backup, apt its caches',
    ignored: (path) =>
      /^\/var\/(lib\/dpkg|cache\/apt)\//.test(path) ? ['digest', 'modified', 'changed'] : [],
  };
}
