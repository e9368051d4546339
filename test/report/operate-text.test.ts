import { describe, expect, it } from 'vitest';
import type { CheckStanding } from '../../src/core/check-standing.ts';
import type { HistoryRun } from '../../src/core/history.ts';
import { judgeStatus, type HostStatus } from '../../src/core/status.ts';
import { historyText } from '../../src/report/history-text.ts';
import { inkFor } from '../../src/report/ink.ts';
import { Board } from '../../src/report/board.ts';
import { eventLine } from '../../src/report/plain-progress.ts';
import { lockText, releasedText } from '../../src/report/lock-text.ts';
import { statusText } from '../../src/report/status-text.ts';

const INK = inkFor({ color: false, unicode: true });
const VIP = '172.25.254.130';

const CHANGES = ['package nginx', 'files nginx', 'files nginx unit', 'service nginx', 'user check'].map(
  (id) => ({
    id,
    summary: 'x',
    is: 'done' as const,
  }),
);

function run(more: Partial<HistoryRun>): HistoryRun {
  return {
    run: 'dbef5436da7c',
    playbook: 'phase1',
    by: 'root',
    from: 'control',
    start: '2026-01-31T03:00:12.345Z',
    end: '2026-01-31T03:00:20.000Z',
    exit: 0,
    hosts: { svr1: { result: 'changed', changes: CHANGES }, svr2: { result: 'ok', changes: [] } },
    known: ['local'],
    ...more,
  };
}

const RUNS: readonly HistoryRun[] = [
  { ...run({ run: 'a', hosts: {} }), exit: undefined, end: undefined },
  run({}),
  run({ exit: 3, hosts: { svr1: { result: 'rolled-back', why: 'it broke', changes: CHANGES.slice(0, 3) } } }),
  run({ exit: 130, by: 'alice as root', hosts: { svr1: { result: 'rolled-back', changes: [] } } }),
  run({ exit: 6, hosts: { svr1: { result: 'failed', changes: [] } } }),
  {
    ...run({
      playbook: 'lock release',
      hosts: { svr1: { result: 'released', why: 'phase1 by bob', changes: [] } },
    }),
    exit: undefined,
  },
];

describe('the history as text', () => {
  it('of all hosts', () => {
    expect(historyText({ host: undefined, runs: RUNS, unread: 0, troubles: [] }, INK)).toMatchInlineSnapshot(`
      "when (UTC)           who                    playbook      result                    changes  run
      2026-01-31 03:00:12  root@control           phase1        not ended                 -        a
      2026-01-31 03:00:12  root@control           phase1        as declared               svr1 5   dbef5436da7c
      2026-01-31 03:00:12  root@control           phase1        rolled back               svr1 3   dbef5436da7c
      2026-01-31 03:00:12  alice as root@control  phase1        interrupted, rolled back  -        dbef5436da7c
      2026-01-31 03:00:12  root@control           phase1        locked                    -        dbef5436da7c
      2026-01-31 03:00:12  root@control           lock release  released                  -        dbef5436da7c
      "
    `);
  });

  it('of one host', () => {
    const runs = RUNS.slice(1);
    expect(historyText({ host: 'svr1', runs, unread: 2, troubles: [] }, INK)).toMatchInlineSnapshot(`
      "when (UTC)           who                    playbook      result                    changes                                               run
      2026-01-31 03:00:12  root@control           phase1        changed                   package nginx, files nginx, files nginx unit, 2 more  dbef5436da7c
      2026-01-31 03:00:12  root@control           phase1        rolled back               package nginx, files nginx, files nginx unit          dbef5436da7c
      2026-01-31 03:00:12  alice as root@control  phase1        interrupted, rolled back  -                                                     dbef5436da7c
      2026-01-31 03:00:12  root@control           phase1        failed (locked)           -                                                     dbef5436da7c
      2026-01-31 03:00:12  root@control           lock release  released                  threw out phase1 by bob                               dbef5436da7c
      2 lines could not be read
      "
    `);
  });

  it('of nothing', () => {
    expect(historyText({ host: undefined, runs: [], unread: 0, troubles: [] }, INK)).toBe(
      'no run is written down yet\n',
    );
  });

  it('shows what a host may have written as text, not as what a terminal obeys', () => {
    const runs = [
      run({
        by: 'root\u001b[2J',
        hosts: { svr1: { result: 'changed', changes: [{ id: 'a\nb', summary: '', is: 'done' }] } },
      }),
    ];
    const text = historyText({ host: 'svr1', runs, unread: 0, troubles: [] }, INK);
    expect(text).toContain('root\\x1b[2J');
    expect(text.split('\n')).toHaveLength(3);
  });
});

function host(name: string, more: Partial<HostStatus> = {}): HostStatus {
  return {
    host: name,
    services: [
      { name: 'nginx', active: 'active', enabled: true },
      { name: 'haproxy', active: 'inactive', enabled: false },
    ],
    vrrp: [{ instance: 'VI_1', state: 'BACKUP' }],
    heldBack: [],
    vips: [VIP],
    carries: [],
    armed: [],
    kept: [],
    ...more,
  };
}

const HOLDER = host('svr1', {
  carries: [VIP],
  vrrp: [{ instance: 'VI_1', state: 'MASTER' }],
  lastRun: {
    v: 1,
    run: 'a',
    playbook: 'phase1',
    by: 'root',
    from: 'control',
    start: '2026-01-31T03:00:12.345Z',
    host: 'svr1',
    exit: 0,
    result: 'changed',
    changes: CHANGES,
  },
});

const CHECKED: CheckStanding = {
  last: {
    id: 'dbef5436da7c',
    at: '2026-01-31T03:00:12.345Z',
    playbook: 'phase1',
    exit: 0,
    ageMs: 250_000,
    findings: { degraded: 0, drift: 0, pending: 0, notice: 0 },
  },
  everyMs: 900_000,
  isOverdue: false,
};

describe('the status as text', () => {
  it('of hosts that stand well', () => {
    expect(statusText(judgeStatus([HOLDER, host('svr2')], []), INK, CHECKED)).toMatchInlineSnapshot(`
      "✓ svr1  holds 172.25.254.130
          services  nginx active, haproxy inactive (not enabled)
          VRRP      VI_1 MASTER
          last run  phase1 by root@control, 2026-01-31 03:00:12 UTC: 5 changes, changed

      ✓ svr2
          services  nginx active, haproxy inactive (not enabled)
          VRRP      VI_1 BACKUP
          last run  none is in its log

      ✓ VIP 172.25.254.130  held by svr1
      ✓ drift check  phase1 in sync, 4 min 10 s ago

      svr1, svr2: all well
      "
    `);
  });

  it('of hosts that do not', () => {
    const wrong = host('svr2', {
      services: [{ name: 'nginx', active: 'failed', enabled: true }],
      vrrp: [{ instance: 'VI_1', state: '' }],
      heldBack: ['/run/ha-track/nginx is not 0'],
      carries: [VIP],
    });
    const silent = { host: 'svr3', what: 'unreachable: no answer', hint: 'is it up?' };
    expect(statusText(judgeStatus([HOLDER, wrong], [silent]), INK, CHECKED)).toMatchInlineSnapshot(`
      "✓ svr1  holds 172.25.254.130
          services  nginx active, haproxy inactive (not enabled)
          VRRP      VI_1 MASTER
          last run  phase1 by root@control, 2026-01-31 03:00:12 UTC: 5 changes, changed

      ✗ svr2  holds 172.25.254.130
          services  nginx failed
          VRRP      VI_1 has said nothing yet
          last run  none is in its log

      svr3: unreachable: no answer
        do    is it up?

      ✗ VIP 172.25.254.130  held by svr1 and svr2
      ✓ drift check  phase1 in sync, 4 min 10 s ago

      VIP 172.25.254.130 is on svr1 and svr2 at once
        do    the hosts do not hear each other: let VRRP (IP protocol 112) pass between them
      svr2: nginx is enabled and failed
        do    journalctl -u nginx -n 50 on svr2 tells why
      svr2: cannot take a VIP over: /run/ha-track/nginx is not 0
        do    look at keepalived and what it watches on svr2: journalctl -u keepalived -n 50

      svr1, svr2: degraded, 1 host unreachable
      "
    `);
  });

  it('of hosts on which a run goes on, or was lost', () => {
    const armed = [{ run: 'a1b2', leftMs: 100_000 }];
    const locked = host('svr1', { carries: [VIP], lock: 'phase1 by root@control', armed, kept: ['a1b2'] });
    expect(statusText(judgeStatus([locked], []), INK, CHECKED)).toMatchInlineSnapshot(`
      "✓ svr1  holds 172.25.254.130
          services  nginx active, haproxy inactive (not enabled)
          VRRP      VI_1 BACKUP
          last run  none is in its log
          lock      held: phase1 by root@control
          undo      armed: takes run a1b2 back in 1 min 40 s
          undo      kept: run a1b2

      ✓ VIP 172.25.254.130  held by svr1
      ✓ drift check  phase1 in sync, 4 min 10 s ago

      svr1: all well, and a run goes on
      "
    `);
    const lost = host('svr1', { carries: [VIP], kept: ['a1b2'] });
    expect(statusText(judgeStatus([lost], []), INK, CHECKED)).toMatchInlineSnapshot(`
      "✓ svr1  holds 172.25.254.130
          services  nginx active, haproxy inactive (not enabled)
          VRRP      VI_1 BACKUP
          last run  none is in its log
          undo      kept: run a1b2 has not ended; run again, or take it back: sh /var/lib/run-playbook/undo/a1b2/undo

      ✓ VIP 172.25.254.130  held by svr1
      ✓ drift check  phase1 in sync, 4 min 10 s ago

      svr1: all well, but 1 run not ended
      "
    `);
  });
});

it('a run that waits says for whom', () => {
  const waiting = { type: 'host-waiting', host: 'svr1', holder: 'phase1 by root@control' } as const;
  expect(eventLine(waiting, INK)).toBe('svr1  waits for phase1 by root@control');
  const board = new Board(INK);
  board.hear({ type: 'run-started', playbook: 'phase1', hosts: ['svr1'], check: false });
  board.hear(waiting);
  expect(board.rows).toMatchObject([
    { state: 'running', detail: expect.stringContaining('for phase1 by root@control') },
  ]);
});

describe('locks as text', () => {
  const LOCKS = [
    { host: 'svr1', holder: { name: 'phase1 by root@control', pids: [12, 15] } },
    { host: 'svr2' },
    { host: 'svr3', holder: { name: '', pids: [7] } },
  ];

  it('tell who holds them', () => {
    expect(lockText(LOCKS, INK)).toMatchInlineSnapshot(`
      "svr1  held: phase1 by root@control         process 12, 15 there
      svr2  free
      svr3  held: somebody who does not say who  process 7 there
      "
    `);
  });

  it('tell who was thrown out', () => {
    expect(releasedText(LOCKS, INK)).toMatchInlineSnapshot(`
      "svr1  thrown out: phase1 by root@control
      svr2  was not locked
      svr3  thrown out: somebody who does not say who
      2 hosts may be half changed: run the playbook again, or see run-playbook status
      "
    `);
    expect(releasedText([{ host: 'svr2' }], INK)).toBe('svr2  was not locked\n');
  });
});
