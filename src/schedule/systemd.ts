import { calendarOf, intervalText } from './interval.ts';
import type { Job, Schedule } from './schedule.ts';

const UNITS = '/etc/systemd/system';
/** Not longer than a check may take that waits for hosts which do not answer. */
const TIMEOUT = '10min';

/** Findings are no failure of the check: they are in the journal, in the history and told to people. */
const FINDINGS = '2 4 8';

/** What may be taken from a check that neither becomes somebody else nor talks to the kernel. */
const HARDENING = `NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateDevices=yes
ProtectSystem=strict
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service`;

/** sendmail is a program that changes its group or user, and writes below /var/spool: nothing that forbids this. */
const HARDENING_WITH_MAIL = `# No more than this: sendmail has to become somebody else.
ProtectSystem=full
ProtectControlGroups=yes`;

/** A service and a timer; systemd.exec(5), systemd.timer(5). */
export function systemdFiles(job: Job): Schedule {
  const service = `run-playbook-drift-${job.name}.service`;
  const timer = `run-playbook-drift-${job.name}.timer`;
  return {
    files: [
      { path: `${UNITS}/${service}`, mode: '0644', content: serviceText(job) },
      { path: `${UNITS}/${timer}`, mode: '0644', content: timerText(job) },
    ],
    start: [
      ['systemctl', 'daemon-reload'],
      ['systemctl', 'enable', '--quiet', timer],
      // A timer that runs takes another interval with a restart only.
      ['systemctl', 'restart', timer],
    ],
    stop: [['systemctl', 'disable', '--quiet', '--now', timer]],
    clear: [['systemctl', 'daemon-reload']],
  };
}

function serviceText({ project, projectDir, program, args, user, environment, writes, mails }: Job): string {
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${word(`${name}=${value}`)}\n`,
  );
  return `# Written by run-playbook schedule install
[Unit]
Description=run-playbook drift check of ${specifier(project)}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
${user === undefined ? '' : `User=${user}\n`}WorkingDirectory=${specifier(projectDir)}
${variables.join('')}ExecStart=${[...program, ...args].map(word).join(' ')}
SuccessExitStatus=${FINDINGS}
TimeoutStartSec=${TIMEOUT}
UMask=0077
PrivateTmp=yes
ProtectHome=read-only
ReadWritePaths=${writes.map((path) => word(`-${path}`)).join(' ')}
${mails ? HARDENING_WITH_MAIL : HARDENING}
`;
}

function timerText({ project, every }: Job): string {
  return `# Written by run-playbook schedule install
[Unit]
Description=run-playbook drift check of ${specifier(project)}, every ${intervalText(every)}

[Timer]
OnCalendar=${calendarOf(every)}
# A check that was missed while the machine was off is made up for.
Persistent=yes
# Not all at the same second.
RandomizedDelaySec=${Math.min(300, Math.round(every.minutes * 6))}
AccuracySec=1s

[Install]
WantedBy=timers.target
`;
}

/** One word of a command line; systemd.service(5), "Command lines". */
function word(text: string): string {
  return `"${specifier(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$')}"`;
}

/** `%` begins a specifier, and no line may end early. */
function specifier(text: string): string {
  return text.replaceAll('%', '%%').replaceAll(/[\r\n]/g, ' ');
}
