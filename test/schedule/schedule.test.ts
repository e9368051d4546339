import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../src/core/error.ts';
import { calendarOf, cronOf, intervalText, parseInterval } from '../../src/schedule/interval.ts';
import { scheduleOf, type Job } from '../../src/schedule/schedule.ts';
import { SCHEDULERS } from '../../src/core/schedule.ts';

const JOB: Job = {
  name: 'web-a0e5b1',
  project: 'web 100%\n[Service]\nUser=root',
  projectDir: '/srv/my web',
  program: ['/usr/bin/node', '/srv/my web/node_modules/run-playbook/bin/run-playbook.js'],
  args: ['drift', 'phase1', '-i', '/srv/my web/50% $HOME "x".yml', '--notify'],
  every: { minutes: 15 },
  user: 'deploy',
  environment: {},
  writes: ['/home/deploy/.local/state/run-playbook'],
  mails: false,
};

describe('an interval', () => {
  test.each([
    ['15m', '*:0/15', '*/15 * * * *'],
    ['2h', '0/2:00', '0 */2 * * *'],
    ['60min', '0/1:00', '0 */1 * * *'],
    ['1d', '*-*-* 00:00', '0 0 * * *'],
  ])('%s', (text, calendar, cron) => {
    const every = parseInterval(text);
    expect([calendarOf(every), cronOf(every)]).toEqual([calendar, cron]);
    expect(parseInterval(intervalText(every))).toEqual(every);
  });

  test.each(['', '7m', '0m', '15', '15s', '-5m', '25h', '1e1m'])('%j is refused', (text) => {
    expect(() => parseInterval(text)).toThrow(InvalidInput);
  });
});

test.each(SCHEDULERS)('the files of %s', (on) => {
  expect(scheduleOf(on, JOB)).toMatchSnapshot();
});

test('where somebody gets mail, nothing forbids sendmail to become somebody else', () => {
  const [service] = scheduleOf('systemd', { ...JOB, mails: true }).files;
  expect(service?.content).not.toMatch(/NoNewPrivileges|SystemCallFilter|Restrict|ProtectSystem=strict/);
});
