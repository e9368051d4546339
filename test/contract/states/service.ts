import { digestOf, fileSet, rawScript, service, type ServiceOptions } from '../../../src/index.ts';
import type { State } from '../state.ts';

const NAME = 'rp-contract';
const UNIT = `${NAME}.service`;
const VENDOR = `/lib/systemd/system/${UNIT}`;
const WANTED_BY = `/etc/systemd/system/multi-user.target.wants/${UNIT}`;
const STAMP = `/var/lib/run-playbook/loaded/${NAME}`;
const CONF = '/etc/rp-contract/conf';
const LOADED = '/run/rp-contract.loaded';

/** A service whose process tells in a file which configuration it has loaded; runs and is enabled. */
const BASE = `[ -e ${VENDOR} ] || {
cat >${VENDOR} <<'END'
[Service]
ExecStart=/bin/sh -c 'cp ${CONF} ${LOADED} 2>/dev/null; exec sleep infinity'
ExecReload=/bin/sh -c 'cp ${CONF} ${LOADED}'

[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
}
[ -h ${WANTED_BY} ] || systemctl enable -q ${UNIT}
systemctl is-active -q ${UNIT} || systemctl start ${UNIT}`;

const cleanUp = `rm -rf /etc/systemd/system/${UNIT}* /run/systemd/system/${UNIT}* /etc/systemd/system.control/${UNIT}.d
rm -rf ${STAMP} /etc/rp-contract ${LOADED}
! grep -q edited ${VENDOR} || sed -i /edited/d ${VENDOR}
systemctl daemon-reload; systemctl reset-failed ${UNIT} 2>/dev/null || :`;

const IS_UP = `systemctl is-active -q ${UNIT}; systemctl is-enabled -q ${UNIT}; [ "$(systemctl show -P NeedDaemonReload ${UNIT})" = no ]
[ -z "$(systemctl show -P DropInPaths ${UNIT})" ]; [ "$(systemctl show -P FragmentPath ${UNIT})" = ${VENDOR} ]`;

/** `answer` with other values where it is a unit's. */
function unitWith(values: object): (answer: unknown) => unknown {
  return (answer) =>
    typeof answer === 'object' && answer !== null && 'restarts' in answer ? { ...answer, ...values } : answer;
}

const readForGood: NonNullable<State['notReadBack']> = {
  why: 'what systemd has read it cannot forget',
  without: unitWith({ dropIns: [], needsDaemonReload: false }),
};

function state(
  about: string,
  given: string,
  more: Partial<State> & { readonly service?: Partial<ServiceOptions> } = {},
): State {
  const { service: options = {}, ...rest } = more;
  return {
    about,
    given: `${BASE}\n${given}`,
    cleanUp,
    resource: service({ name: NAME, ...options }),
    plan: 'change',
    writes: [],
    holds: IS_UP,
    ...rest,
  };
}

const conf = fileSet({
  name: NAME,
  root: '/etc/rp-contract',
  files: { conf: { content: 'wanted\n' } },
  loadedBy: NAME,
});

const DIGEST = digestOf([digestOf([CONF, 'wanted\n'])]);

const loads: Partial<ServiceOptions> = { loads: [conf], live: rawScript(`grep -qx wanted ${LOADED}`) };
const WANTED_CONF = `mkdir -p /etc/rp-contract ${STAMP.slice(0, STAMP.lastIndexOf('/'))}; echo wanted >${CONF}`;
const HAS_LOADED = `${IS_UP}; grep -qx wanted ${LOADED}; [ "$(cat ${STAMP})" = ${DIGEST} ]`;

const IS_DOWN = `! systemctl is-active -q ${UNIT}; ! systemctl is-enabled -q ${UNIT}`;
const stopped: Partial<ServiceOptions> = { state: 'stopped' };

export const serviceStates: readonly State[] = [
  { about: 'no such unit', given: '', resource: service({ name: 'rp-none' }), plan: 'unknown' },
  state('running and enabled', '', { plan: 'ok' }),
  state('stopped', `systemctl stop ${UNIT}`),
  state('disabled', `systemctl disable -q ${UNIT}`, { writes: [WANTED_BY] }),
  state('stopped and disabled', `systemctl disable -q --now ${UNIT}`, { writes: [WANTED_BY] }),
  state(
    'failed',
    `systemctl kill -s KILL ${UNIT}; while systemctl is-active -q ${UNIT}; do sleep 0.01; done`,
    {
      notReadBack: {
        why: 'systemd has no way to make a unit fail: it comes back as stopped',
        without: unitWith({ active: 'inactive', sub: 'dead' }),
      },
    },
  ),
  state('masked and stopped', `systemctl mask -q --now ${UNIT}`, { writes: [`/etc/systemd/system/${UNIT}`] }),
  state('masked while it runs', `systemctl mask -q ${UNIT}`, { writes: [`/etc/systemd/system/${UNIT}`] }),
  state('disabled, then masked', `systemctl disable -q --now ${UNIT}; systemctl mask -q ${UNIT}`, {
    writes: [WANTED_BY, `/etc/systemd/system/${UNIT}`],
  }),
  state('masked until the next boot', `systemctl mask -q --runtime --now ${UNIT}`, {
    writes: [`/run/systemd/system/${UNIT}`],
  }),
  ...['/etc', '/run'].flatMap((base) => {
    const path = `${base}/systemd/system/${UNIT}.d/evil.conf`;
    const write = `mkdir -p ${path.slice(0, path.lastIndexOf('/'))}; printf '[Service]\\nNice=5\\n' >${path}; touch -d 2001-02-03 ${path}`;
    return [
      state(`a foreign drop-in in ${base}, read`, `${write}; systemctl daemon-reload`, { writes: [path] }),
      state(`a foreign drop-in in ${base}, not read yet`, write, {
        writes: [path],
        notReadBack: readForGood,
      }),
    ];
  }),
  state('what set-property left', `systemctl set-property ${UNIT} CPUWeight=50`, {
    writes: [`/etc/systemd/system.control/${UNIT}.d/50-CPUWeight.conf`],
  }),
  state(
    'a whole unit that hides the package’s',
    `sed s/infinity/9999/ ${VENDOR} >/etc/systemd/system/${UNIT}; systemctl daemon-reload`,
    { writes: [`/etc/systemd/system/${UNIT}`] },
  ),
  state('an edited unit that systemd has not read', `sleep 0.01; echo '# edited' >>${VENDOR}`, {
    notReadBack: readForGood,
  }),
  state('running, and nobody knows with what', WANTED_CONF, {
    service: loads,
    writes: [STAMP],
    holds: HAS_LOADED,
  }),
  state('running with the wanted configuration', `${WANTED_CONF}; echo ${DIGEST} >${STAMP}`, {
    service: loads,
    plan: 'ok',
  }),
  state(
    'running with another configuration',
    `${WANTED_CONF}; echo 0123456789abcdef >${STAMP}; touch -d 2001-02-03 ${CONF}`,
    {
      service: loads,
      writes: [STAMP],
      holds: HAS_LOADED,
    },
  ),
  state(
    'its configuration written since it was loaded',
    `${WANTED_CONF}; echo ${DIGEST} >${STAMP}; touch -d 2001-02-03 ${STAMP}`,
    {
      service: loads,
      writes: [STAMP],
      holds: HAS_LOADED,
    },
  ),
  state('stopped, with configuration', `systemctl stop ${UNIT}; ${WANTED_CONF}`, {
    service: loads,
    writes: [STAMP],
    holds: HAS_LOADED,
  }),
  state('a service that can only be restarted', WANTED_CONF, {
    service: { ...loads, onChange: 'restart' },
    writes: [STAMP],
    holds: `${HAS_LOADED}; journalctl -q -u ${UNIT} | grep -q Stopped`,
  }),
  {
    about: 'no such unit, wanted stopped',
    given: '',
    resource: service({ name: 'rp-none', ...stopped }),
    plan: 'ok',
  },
  state('running and enabled, wanted stopped', '', {
    service: stopped,
    writes: [WANTED_BY],
    holds: IS_DOWN,
  }),
  state('running only, wanted stopped', `systemctl disable -q ${UNIT}`, {
    service: stopped,
    holds: IS_DOWN,
  }),
  state('enabled only, wanted stopped', `systemctl stop ${UNIT}`, {
    service: stopped,
    writes: [WANTED_BY],
    holds: IS_DOWN,
  }),
  state('stopped and disabled, as wanted', `systemctl disable -q --now ${UNIT}`, {
    service: stopped,
    plan: 'ok',
    holds: IS_DOWN,
  }),
];
