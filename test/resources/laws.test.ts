import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as api from '../../src/index.ts';
import { factsFrom, fileSet, service, sh, type Seen } from '../../src/index.ts';
import { digestOf } from '../../src/resources/render.ts';

const RESOURCES = new URL('../../src/resources/', import.meta.url);

test('the docstring of every resource kind has its five lines', () => {
  const kinds = readdirSync(RESOURCES).flatMap((file) => {
    const text = readFileSync(new URL(file, RESOURCES), 'utf8');
    return /^ {4}kind: '/m.test(text) ? [[file, text] as const] : [];
  });
  expect(kinds.map(([file]) => file)).toEqual([
    'directory.ts',
    'file-set.ts',
    'package.ts',
    'service.ts',
    'stopped-service.ts',
    'sysctl.ts',
    'task.ts',
    'user.ts',
  ]);
  for (const [file, text] of kinds) {
    expect(text.match(/^ \* (Manages|Probe reads|Change writes|Undo|Does not manage): /gm), file).toEqual([
      ' * Manages: ',
      ' * Probe reads: ',
      ' * Change writes: ',
      ' * Undo: ',
      ' * Does not manage: ',
    ]);
  }
});

test('the id of a resource is its kind and its name', () => {
  const made = [
    api.aptPackage({ name: 'nginx' }),
    api.directory({ path: '/srv' }),
    api.fileSet({ name: 'nginx', root: '/etc/nginx', files: {} }),
    api.service({ name: 'nginx' }),
    api.sysctl({ name: 'net.ipv4.ip_forward', value: 1 }),
    api.systemUser({ name: 'checker' }),
    api.task({ name: 'time zone', probe: sh`true`, apply: sh`true` }),
  ];
  expect(made.map(({ id }) => id)).toEqual([
    'package nginx',
    'directory /srv',
    'files nginx',
    'service nginx',
    'sysctl net.ipv4.ip_forward',
    'user checker',
    'task time zone',
  ]);
  expect(made.filter(({ id, kind }) => !id.startsWith(`${kind} `))).toEqual([]);
});

test('a service needs the file sets it loads and the unit files it runs from', () => {
  const conf = fileSet({ name: 'nginx', root: '/etc/nginx', files: {} });
  const unit = fileSet({ name: 'nginx unit', root: '/etc/systemd/system/nginx.service.d', files: {} });
  const nginx = service({ name: 'nginx', loads: [conf], unitFiles: [unit], needs: ['package nginx'] });
  expect(nginx.needs).toEqual(['package nginx', 'files nginx', 'files nginx unit']);
});

test('a file larger than is ever read is refused: it could never be found to be as declared', () => {
  const read: Seen = { answer: <T>() => ({ type: 'absent' }) as T };
  const plan = (content: string) => {
    const set = fileSet({ name: 'large', root: '/etc/large', files: { file: { content } } });
    return set.plan(read, { facts: factsFrom(read), changes: () => false });
  };
  expect(plan('x'.repeat(256 * 1024)).is).toBe('change');
  expect(() => plan('ä'.repeat(128 * 1024 + 1))).toThrow('/etc/large/file is larger than 256 KiB');
});

test('a digest tells where one text ends and the next begins', () => {
  expect(digestOf(['ab', 'c'])).not.toBe(digestOf(['a', 'bc']));
  expect(digestOf(['a'])).not.toBe(digestOf(['a', '']));
  expect(digestOf(['ä'])).toMatch(/^[0-9a-f]{16}$/);
});
