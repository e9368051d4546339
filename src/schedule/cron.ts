import { quote } from '../core/script.ts';
import { cronOf, intervalText } from './interval.ts';
import type { Job, Schedule } from './schedule.ts';

/** One file of /etc/cron.d; crontab(5). Errors go where cron sends what its jobs print. */
export function cronFiles({
  name,
  project,
  projectDir,
  program,
  args,
  every,
  environment,
  user = 'root',
}: Job): Schedule {
  const command = [...program, ...args, '--quiet'].map(quote).join(' ');
  const variables = Object.entries(environment).map(([variable, value]) => `${variable}=${value}\n`);
  // A percent sign ends a command there.
  const line = `cd ${quote(projectDir)} && ${command}`.replaceAll('%', '\\%');
  const content = `# Written by run-playbook schedule install: drift check of ${project.replaceAll(/[\r\n]/g, ' ')}, every ${intervalText(every)}
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
${variables.join('')}${cronOf(every)} ${user} ${line}
`;
  return {
    files: [{ path: `/etc/cron.d/run-playbook-drift-${name}`, mode: '0644', content }],
    start: [],
    stop: [],
    clear: [],
  };
}
