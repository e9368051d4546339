import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Notification, NotifyTarget } from '../../src/core/notify.ts';
import { Secret } from '../../src/core/secret.ts';
import { notify, type NotifyOrder } from '../../src/notify/notify.ts';
import { report, SENDER } from './reports.ts';

const DRIFTED = report([['svr2', '/etc/nginx/nginx.conf', 'drift']]);
const WELL = report([]);

let server: Server;
let directory: string;
/** What came, and what is answered to what comes. */
let received: unknown[] = [];
let answers: number[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push(JSON.parse(body));
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterAll(() => {
  server.close();
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'notify-'));
  received = [];
  answers = [];
});

afterEach(() => rm(directory, { recursive: true }));

function webhook(shape: 'json' | 'slack' | 'teams' = 'json', digest?: string): NotifyTarget {
  const url = new Secret(`http://127.0.0.1:${(server.address() as AddressInfo).port}/T0/s3cret-path`);
  return { kind: 'webhook', url, shape, ...(digest !== undefined && { digest }) };
}

function order(targets: readonly NotifyTarget[], now = new Date('2026-01-31T12:00:00')): NotifyOrder {
  return {
    targets,
    file: join(directory, 'outbox.json'),
    sender: SENDER,
    now,
    delivery: { pausesMs: [1, 1], timeoutMs: 2000, sendmail: join(directory, 'sendmail') },
  };
}

/** A program that keeps what it gets on stdin. */
async function program(name: string, then = ''): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\necho "$@" >${path}.args\ncat >${path}.got\n${then}\n`);
  await chmod(path, 0o700);
  return path;
}

describe('a webhook', () => {
  test('is told once that something is wrong, and once that all is well again', async () => {
    for (const each of [DRIFTED, DRIFTED, WELL, WELL]) {
      await notify(each, order([webhook()]));
    }
    expect((received as Notification[]).map(({ event, state }) => `${event} ${state}`)).toEqual([
      'worse drifted',
      'recovered in-sync',
    ]);
  });

  test('that fails for a moment is tried again', async () => {
    answers = [503, 429];
    expect(await notify(DRIFTED, order([webhook()]))).toEqual({ delivered: 1, failed: [] });
    expect(received).toHaveLength(3);
  });

  test('that does not answer is told after the next check, without its address being told to anybody', async () => {
    answers = [503, 503, 503];
    const { delivered, failed } = await notify(DRIFTED, order([webhook()]));
    expect([delivered, failed]).toEqual([0, ['webhook (json): it answered 503']]);
    expect(await readFile(join(directory, 'outbox.json'), 'utf8')).not.toContain('s3cret-path');
    expect(await notify(DRIFTED, order([webhook()]))).toEqual({ delivered: 1, failed: [] });
    expect(await notify(DRIFTED, order([webhook()]))).toEqual({ delivered: 0, failed: [] });
  });

  test('is told the latest only when several messages wait', async () => {
    answers = [404, 404];
    await notify(DRIFTED, order([webhook()]));
    await notify(WELL, order([webhook()]));
    received = [];
    await notify(WELL, order([webhook()]));
    expect((received as Notification[]).map(({ event }) => event)).toEqual(['recovered']);
  });

  test('that is gone is no longer waited for after a day', async () => {
    answers = [404, 404];
    await notify(DRIFTED, order([webhook()]));
    await notify(DRIFTED, order([webhook()], new Date('2026-02-01T12:00:01')));
    expect(received).toHaveLength(1);
  });

  test('that sends elsewhere is not followed', async () => {
    answers = [302];
    expect((await notify(DRIFTED, order([webhook()]))).failed).toEqual(['webhook (json): it answered 302']);
    expect(received).toHaveLength(1);
  });

  test('nobody listens at: the reason is named, the address is not', async () => {
    const url = new Secret('http://127.0.0.1:9/s3cret-path');
    const { failed } = await notify(DRIFTED, order([{ kind: 'webhook', url, shape: 'json' }]));
    expect(failed).toEqual([expect.stringMatching(/^webhook \(json\): it cannot be reached/)]);
    expect(failed.join('')).not.toContain('s3cret');
  });

  test.each(['slack', 'teams'] as const)('of %s gets what is understood there', async (shape) => {
    const hostile = report([['svr2', '/etc/<b>&*_x_.conf', 'drift']]);
    await notify(hostile, order([webhook(shape)]));
    expect(received).toMatchSnapshot();
  });
});

describe('a digest', () => {
  test('is sent once a day after its time, whatever there is to tell', async () => {
    const target = webhook('json', '07:30');
    await notify(WELL, order([target], new Date('2026-01-31T07:29:00')));
    expect(received).toHaveLength(0);
    for (const time of ['2026-01-31T07:45:00', '2026-01-31T23:45:00', '2026-02-01T07:30:00']) {
      await notify(WELL, order([target], new Date(time)));
    }
    expect((received as Notification[]).map(({ event }) => event)).toEqual(['digest', 'digest']);
  });
});

describe('mail', () => {
  test('goes through sendmail, and nothing that is found can write a header', async () => {
    const path = await program('sendmail');
    const hostile = report([['svr2', '/etc/x\nBcc: all@example.org\n\nhello', 'drift']]);
    await notify(hostile, order([{ kind: 'mail', to: ['ops@example.org', 'root'], from: 'rp@example.org' }]));
    const mail = await readFile(`${path}.got`, 'utf8');
    const [head = '', body = ''] = mail.split('\n\n');
    expect(head.split('\n').map((line) => line.split(':')[0])).toEqual([
      'From',
      'To',
      'Subject',
      'Date',
      'Auto-Submitted',
      'MIME-Version',
      'Content-Type',
      'Content-Transfer-Encoding',
    ]);
    expect(head).toContain('Subject: [run-playbook] phase1 in web: drifted, 1 finding on svr2');
    expect(Buffer.from(body, 'base64').toString('utf8')).toContain('new: drift: svr2 /etc/x');
    expect(await readFile(`${path}.args`, 'utf8')).toBe('-i -t\n');
  });

  test('without sendmail is told, and the check goes on', async () => {
    const { failed } = await notify(DRIFTED, order([{ kind: 'mail', to: ['root'] }]));
    expect(failed).toEqual([expect.stringContaining('mail to root: ')]);
  });
});

describe('a command', () => {
  test('gets the message as JSON on its stdin', async () => {
    const path = await program('page');
    await notify(DRIFTED, order([{ kind: 'command', run: [path, 'web', '$(id)'] }]));
    expect(JSON.parse(await readFile(`${path}.got`, 'utf8'))).toMatchObject({
      event: 'worse',
      playbook: 'phase1',
    });
    expect(await readFile(`${path}.args`, 'utf8')).toBe('web $(id)\n');
  });

  test('that hangs holds nobody up', async () => {
    const path = await program('hang', 'sleep 60');
    const hurried = order([{ kind: 'command', run: [path] }]);
    const { failed } = await notify(DRIFTED, { ...hurried, delivery: { pausesMs: [], timeoutMs: 300 } });
    expect(failed).toEqual([`command ${path}: ${path} did not end in time`]);
  });
});

test('two checks at the same time tell once', async () => {
  await Promise.all([notify(DRIFTED, order([webhook()])), notify(DRIFTED, order([webhook()]))]);
  await notify(DRIFTED, order([webhook()]));
  expect(received).toHaveLength(1);
});

test('what was told is this user’s alone, and no other file is left', async () => {
  await notify(DRIFTED, order([webhook()]));
  const file = join(directory, 'outbox.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});
