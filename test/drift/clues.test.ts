import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/drift.ts';
import { cluesOf, type Traces } from '../../src/drift/clues.ts';
import { finding } from '../../src/drift/findings.ts';
import { parseJournal, parseStats, parseUnits } from '../../src/drift/traces.ts';

const JOURNAL = `1000.5 svr2 sshd[1]: Accepted publickey for alice from 192.0.2.7 port 39838 ssh2: ED25519 SHA256:x
1020.0 svr2 sudo[3]:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/vi /etc/nginx/nginx.conf
1021.0 svr2 sudo[3]:      bob : PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl stop nginx
1030.0 svr2 sshd[4]: Accepted publickey for deploy from 192.0.2.9 port 39839 ssh2: ED25519 SHA256:y
1031.0 svr2 sudo[5]:   deploy : PWD=/home/deploy ; USER=root ; COMMAND=/usr/bin/sh -s
1032.0 svr2 sudo[5]: pam_unix(sudo:session): session opened for user root(uid=0) by (uid=1000)
9000.0 svr2 sudo[3]:    carol : PWD=/ ; USER=root ; COMMAND=/usr/bin/vi /etc/nginx/nginx.conf`;

const NONE: Traces = { files: [], units: [], packages: '', apt: '', auditd: '', own: '', journal: [] };

function found(item: string, more: Partial<Finding> = {}): Finding {
  return {
    ...finding({ host: 'svr2', item, class: 'file', severity: 'drift', expected: 'x', found: 'y' }),
    ...more,
  };
}

describe('what a host knows of a file', () => {
  const traces: Traces = {
    ...NONE,
    files: parseStats('1025 1026 root /etc/nginx/nginx.conf\n'),
    journal: parseJournal(JOURNAL),
  };
  const path = '/etc/nginx/nginx.conf';

  test('is told with how certain it is: times, who named it, who was at it, who had come', () => {
    expect(
      cluesOf(found(path), { path }, traces).map(({ source, who, confidence }) => [source, who, confidence]),
    ).toEqual([
      ['mtime', undefined, 'certain'],
      ['ctime', undefined, 'certain'],
      ['sudo', 'alice', 'likely'],
      ['sudo', 'bob', 'guess'],
      ['ssh session', 'alice', 'guess'],
    ]);
  });

  test('leaves out what came after, and this program’s own sessions', () => {
    const who = cluesOf(found(path), { path }, traces).map((clue) => clue.who);
    expect(who).not.toContain('carol');
    expect(who).not.toContain('deploy');
  });

  test('goes by the folder where the file is gone', () => {
    const gone = { ...traces, files: parseStats('0 1025 root /etc/nginx\n') };
    expect(cluesOf(found(path), { path }, gone)[0]).toMatchObject({ source: 'ctime', confidence: 'likely' });
  });

  test('names the last run of ours that changed it', () => {
    const line = {
      v: 1,
      run: 'c0ffee',
      playbook: 'phase1',
      by: 'root',
      from: 'control',
      start: '2026-01-31T03:00:00.000Z',
      end: '2026-01-31T03:01:00.000Z',
      host: 'svr2',
      result: 'changed',
      changes: [{ id: 'files nginx', summary: '1 to write', is: 'done' }],
    };
    const own = `${JSON.stringify(line)}\n{"v":1,"cut`;
    const clues = cluesOf(found(path, { resource: 'files nginx' }), { path }, { ...NONE, own });
    expect(clues).toMatchObject([{ source: 'audit log', who: 'root@control', at: line.end }]);
    expect(cluesOf(found(path, { resource: 'files other' }), { path }, { ...NONE, own })).toEqual([]);
  });
});

test('of a unit: when it changed its state, and whose command named it', () => {
  const traces = { ...NONE, units: parseUnits('@1022 nginx.service\n'), journal: parseJournal(JOURNAL) };
  expect(
    cluesOf(found('nginx.service'), { unit: 'nginx.service' }, traces).map(({ source, who }) => [
      source,
      who,
    ]),
  ).toEqual([
    ['systemd', undefined],
    ['sudo', 'alice'],
    ['sudo', 'bob'],
    ['ssh session', 'alice'],
  ]);
});

test('of a package: dpkg’s own line, and who asked apt for it', () => {
  const traces = {
    ...NONE,
    packages: '2026-01-31 03:00:05 upgrade nginx:amd64 1.22.1-9 1.22.1-10\n',
    apt: 'Start-Date: 2026-01-31  03:00:01\nCommandline: apt-get upgrade\nRequested-By: alice (1000)\n',
  };
  expect(cluesOf(found('nginx version', { class: 'package' }), { package: 'nginx' }, traces)).toMatchObject([
    { source: 'dpkg log', confidence: 'certain' },
    { source: 'apt log', who: 'alice (1000)' },
  ]);
});

test('a host that knows nothing says nothing', () => {
  expect(cluesOf(found('/etc/x'), { path: '/etc/x' }, NONE)).toEqual([]);
});

test('lines that no sudo and no sshd wrote are nobody’s', () => {
  expect(parseJournal('1.0 svr2 sshd[1]: Accepted\n\nnonsense\n1.0 h sudo[1]: x')).toEqual([]);
});
