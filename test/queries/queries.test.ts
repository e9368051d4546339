import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  chmodSync,
  utimesSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProbe } from '../../src/core/probe.ts';
import { ProbeIncomplete, type Query } from '../../src/core/query.ts';
import { sh } from '../../src/core/script.ts';
import { accountNamed } from '../../src/queries/account.ts';
import { entriesOf } from '../../src/queries/directory.ts';
import { CONTENT_MAX_BYTES, fileAt } from '../../src/queries/file.ts';
import { tcpListeners } from '../../src/queries/listener.ts';
import { outputOf } from '../../src/queries/output.ts';
import { sysctlNamed } from '../../src/queries/sysctl.ts';
import { runLocally } from '../local-shell.ts';

/** What this machine answers, through the very script that hosts get. */
async function ask<T>(queries: readonly Query<T>[]): Promise<readonly T[]> {
  const probe = buildProbe(queries, 'f00dfeed');
  const seen = probe.read((await runLocally(probe.script)).stdout);
  return queries.map((query) => seen.answer(query));
}

let root: string;
const at = (name: string) => join(root, name);
const me = userInfo();

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'run-playbook-'));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

test('files: what stands at each path, its mode, owner, time and bytes', async () => {
  const binary = Buffer.from([0, 1, 10, 13, 255, 254, 0]);
  const texts: Readonly<Record<string, string | Buffer>> = {
    plain: 'hello\n',
    'no newline': 'hello',
    empty: '',
    binary,
    'it\'s $(hard) `to` "quote" \\ *': 'quoted\n',
    'ä€𝄞\tb\nc': 'odd name\n',
    '-rf': 'dash\n',
  };
  for (const [name, content] of Object.entries(texts)) {
    writeFileSync(at(name), content);
  }
  chmodSync(at('plain'), 0o4750);
  chmodSync(at('empty'), 0o000);
  utimesSync(at('plain'), 1_700_000_000, 1_700_000_000.25);
  writeFileSync(at('largest'), Buffer.alloc(CONTENT_MAX_BYTES, 'x'));
  writeFileSync(at('larger'), '');
  truncateSync(at('larger'), CONTENT_MAX_BYTES + 1);
  symlinkSync('/etc/passwd', at('link'));
  symlinkSync(at('nowhere'), at('broken link'));
  mkdirSync(at('directory'), { mode: 0o750 });
  execFileSync('mkfifo', [at('pipe')]);

  const names = [
    ...Object.keys(texts),
    'largest',
    'larger',
    'link',
    'broken link',
    'directory',
    'pipe',
    'none',
  ];
  const states = new Map(
    (await ask(names.map((name) => fileAt(at(name))))).map((state, index) => [names[index], state]),
  );

  for (const [name, content] of Object.entries(texts)) {
    expect(states.get(name)).toMatchObject({
      type: 'file',
      owner: me.username,
      content: Buffer.from(content),
    });
  }
  expect(states.get('plain')).toMatchObject({ mode: '4750', sizeBytes: 6, modifiedAt: 1_700_000_000.25 });
  expect(states.get('empty')).toMatchObject({ mode: '0000', sizeBytes: 0 });
  const largest = states.get('largest');
  expect(largest?.type === 'file' && largest.content?.equals(Buffer.alloc(CONTENT_MAX_BYTES, 'x'))).toBe(
    true,
  );
  expect(states.get('larger')).toMatchObject({ sizeBytes: CONTENT_MAX_BYTES + 1, content: undefined });
  expect(states.get('link')).toEqual({ type: 'link', linksTo: '/etc/passwd' });
  expect(states.get('broken link')).toEqual({ type: 'link', linksTo: at('nowhere') });
  expect(states.get('directory')).toMatchObject({ type: 'directory', mode: '0750', owner: me.username });
  expect(states.get('pipe')).toEqual({ type: 'other' });
  expect(states.get('none')).toEqual({ type: 'absent' });
});

test('files: a link target that holds a tab does not hide the link', async () => {
  const path = join(root, 'tab');
  symlinkSync('a\tb', path);
  expect(await ask([fileAt(path)])).toEqual([{ type: 'link', linksTo: 'a\tb' }]);
});

test('files: a file that grows or shrinks while it is read is an error, not half a content', () => {
  const query = fileAt('/etc/motd');
  const metadata = Buffer.from(['f', '644', 'root', 'root', '5', '1000.0', '', '/etc/motd', ''].join('\0'));
  const parsed = (content: string) =>
    query.family.parse(
      [
        { stdout: metadata, exit: 0 },
        { stdout: Buffer.from(content), exit: 0 },
      ],
      ['/etc/motd'],
    );
  expect(parsed('12345').get('/etc/motd')).toMatchObject({ type: 'file', sizeBytes: 5 });
  expect(() => parsed('1234')).toThrow(ProbeIncomplete);
  expect(() => parsed('123456')).toThrow(ProbeIncomplete);
});

test('directories: everything but directories, sorted; nothing where there is none', async () => {
  const directory = join(root, 'entries');
  mkdirSync(join(directory, 'below'), { recursive: true });
  symlinkSync('nowhere', join(directory, 'z link'));
  for (const name of ['b', '.hidden', 'a\tb', 'ä\nö']) {
    writeFileSync(join(directory, name), '');
  }
  expect(
    await ask([entriesOf(directory), entriesOf(join(root, 'none')), entriesOf(join(directory, 'below'))]),
  ).toEqual([['.hidden', 'a\tb', 'b', 'z link', 'ä\nö'], [], []]);
});

test('accounts: home and shell, or that there is none', async () => {
  expect(await ask([accountNamed('no-such-user'), accountNamed('root')])).toEqual([
    { exists: false, home: '', shell: '' },
    { exists: true, home: '/root', shell: expect.stringContaining('sh') },
  ]);
});

test('kernel settings: numbers parted by one blank, or that there is no such setting', async () => {
  const numbers = readFileSync('/proc/sys/kernel/printk', 'utf8').trim().split(/\s+/);
  const names = ['kernel.ostype', 'kernel.no_such', 'kernel.pid_max', 'kernel.printk'];
  expect(await ask(names.map(sysctlNamed))).toEqual([
    'Linux',
    undefined,
    readFileSync('/proc/sys/kernel/pid_max', 'utf8').trim(),
    numbers.join(' '),
  ]);
});

test('outputs: scripts of roles, each with its exit code', async () => {
  const secretFree = outputOf(sh`echo ${'a b'}; exit 7`);
  expect(await ask<unknown>([secretFree, accountNamed('root')])).toMatchObject([
    { stdout: 'a b\n', exit: 7 },
    { exists: true },
  ]);
});

test('listeners: address, port and processes of every listening socket', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const [listeners = []] = await ask([tcpListeners]);
  server.close();
  const found = listeners.filter((listener) => listener.port === port);
  expect(found).toEqual([
    { address: '127.0.0.1', port, processes: [{ name: expect.any(String), pid: process.pid }] },
  ]);
});
