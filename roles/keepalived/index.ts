import {
  aptPackage,
  fileAt,
  fileSet,
  hostFacts,
  role,
  service,
  sh,
  sysctl,
  systemUser,
  task,
  unitNamed,
  type Resource,
  type RoleContext,
  type Script,
} from 'run-playbook';
import { holds, ownerChecks, redundancyChecks, statePath, trackPath, vipChecks } from './checks.ts';
import {
  CONF,
  configuration,
  scriptDirectory,
  stateScript,
  STATE_SCRIPT,
  tmpfiles,
  unitFile,
  withoutPrefix,
} from './configuration.ts';
import { inspect } from './inspect.ts';
import { worksWith } from './live.ts';
import { agreement, lockstepOf } from './lockstep.ts';
import { objections } from './objections.ts';
import { rules } from './rules.ts';
import { survey } from './survey.ts';
import { vars, type KeepalivedVars } from './vars.ts';

/** keepalived that is never stopped by a check: services move the VIP through track files, checks catch what hangs. */
export default role({
  name: 'keepalived',
  description:
    'Virtual IPs by VRRP; state, priority, peers, source address and interface follow from the inventory.',
  vars,
  rules,
  objections,
  survey,
  inspect,
  // In this order: only a keepalived that takes part can take the address of another.
  checks: (cluster) => [...redundancyChecks(cluster), ...ownerChecks(cluster), ...vipChecks(cluster)],
  standing({ vars: { vips } }) {
    const unit = unitNamed('keepalived.service');
    const states = vips.map((_, index) => fileAt(statePath(`VI_${index + 1}`)));
    return {
      reads: { facts: hostFacts, unit, ...Object.fromEntries(states.map((state) => [state.key, state])) },
      // With several holders, whoever holds the earlier virtual IP is later.
      rank(seen) {
        const isActive = seen.answer(unit).active === 'active';
        const held = vips.findIndex(({ address }, index) => {
          // By its state as well: an address that is new in the inventory is held by nobody yet.
          const state = seen.answer(fileAt(statePath(`VI_${index + 1}`)));
          const isMaster = state.type === 'file' && state.content?.toString('utf8').trim() === 'MASTER';
          return holds(seen, address) || (isMaster && isActive);
        });
        return held >= 0 ? 1 + vips.length - held : isActive ? 1 : 0;
      },
    };
  },
  resources,
});

function resources(context: RoleContext<KeepalivedVars>): readonly Resource[] {
  const { vars: options } = context;
  const keepalived = aptPackage({ name: 'keepalived', ...options.install, units: ['keepalived.service'] });
  const user = systemUser({ name: options.script_user });
  const tracked = options.track.map(trackFile);
  const instances = options.vips.map((vip) => ({
    id: vip.virtual_router_id,
    addresses: [withoutPrefix(vip.address)],
  }));
  const boot = fileSet({
    name: 'keepalived track files',
    root: '/etc/tmpfiles.d',
    files: { 'run-playbook-ha-track.conf': { content: tmpfiles(context) } },
    // Files that exist already keep their value: a service that runs stays tracked as running.
    after: sh`[ ! -e /etc/tmpfiles.d/run-playbook-ha-track.conf ] ||
  systemd-tmpfiles --create /etc/tmpfiles.d/run-playbook-ha-track.conf`,
    needs: [user.id, ...tracked.map(({ id }) => id)],
  });
  const stateFiles = fileSet({
    name: 'keepalived state script',
    root: scriptDirectory(context.host),
    files: { [STATE_SCRIPT]: { content: stateScript(), mode: '0755' } },
  });
  const conf = fileSet({
    name: 'keepalived',
    root: '/etc/keepalived',
    files: { 'keepalived.conf': { content: (facts) => configuration(context, facts), mode: '0600' } },
    validate: validation(),
    secrets: options.auth === undefined ? [] : [options.auth],
    conceal: [/\bauth_pass[ \t]+(\S+)/g],
    loadedBy: 'keepalived',
    needs: [keepalived.id, user.id, stateFiles.id],
  });
  const unit = fileSet({
    name: 'keepalived unit',
    root: '/etc/systemd/system/keepalived.service.d',
    files: { 'run-playbook.conf': { content: (facts) => unitFile(context, facts) } },
    after: sh`systemctl daemon-reload`,
  });
  return [
    keepalived,
    user,
    ...tracked,
    boot,
    ...(options.ip_nonlocal_bind ? [sysctl({ name: 'net.ipv4.ip_nonlocal_bind', value: 1 })] : []),
    stateFiles,
    conf,
    unit,
    service({
      name: 'keepalived',
      guarded: true,
      loads: [conf],
      unitFiles: [unit],
      live: worksWith(CONF, options),
      lockstep: lockstepOf(
        (seen) => {
          const state = seen.answer(fileAt(CONF));
          return state.type === 'file' ? (state.content?.toString('utf8') ?? '') : '';
        },
        (facts) => agreement(configuration(context, facts), instances),
        instances,
      ),
      needs: [keepalived.id, ...tracked.map(({ id }) => id)],
    }),
  ];
}

/** keepalived 2.2.7 ends itself with TERM on a valid file when script_user is not root (acassen/keepalived#2617). */
function validation(): Script {
  return sh`[ -s "$RP_ROOT/keepalived.conf" ] && ( trap '' TERM; keepalived -t -f "$RP_ROOT/keepalived.conf" )`;
}

/**
 * The file exists, and does not go on saying that a service is gone which runs; besides that its value is the
 * service's own business and no drift. For a moment it says so while the service is about to stop.
 */
function trackFile(name: string): Resource {
  const path = trackPath(name);
  return task({
    name: `track file of ${name}`,
    probe: sh`[ -f ${path} ] || exit 1
cat ${path}
grep -qx 0 ${path} || [ -n "$(find ${path} -newermt '5 seconds ago')" ] || ! systemctl is-active -q ${name}`,
    summary: ({ stdout }) =>
      stdout === ''
        ? `${path} absent -> tells whether ${name} runs`
        : `${path} says ${stdout.trim()} -> 0: ${name} runs`,
    apply: sh`mkdir -p -m 0755 /run/ha-track
if [ -f ${path} ]; then cp -p -- ${path} "$RP_UNDO/before"; fi
if systemctl is-active -q ${name}; then echo 0; else echo 1; fi >${path}.new
chmod 0644 ${path}.new
mv -f -- ${path}.new ${path}`,
    undo: sh`if [ -f "$RP_UNDO/before" ]; then
  cp -p -- "$RP_UNDO/before" ${path}
else
  rm -f -- ${path}
  rmdir /run/ha-track 2>/dev/null || :
fi`,
  });
}
