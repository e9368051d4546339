import type { DrillEvent, DrillResult, DrillRow, TargetLoss, Trial } from '../../src/core/drill.ts';
import { EXIT } from '../../src/core/error.ts';

const AT = Date.UTC(2026, 0, 31, 3, 0, 12, 345);
const HOUR_MS = 3_600_000;
const HEALTH = { address: '172.25.254.130', path: '/healthz', host: 'ha-health.internal' };

export interface DrillRecording {
  readonly events: readonly DrillEvent[];
  readonly result: DrillResult;
}

function loss(wanted: Partial<TargetLoss> = {}): TargetLoss {
  return { sent: 1095, lost: 0, outageMs: 0, slow: 0, reasons: {}, ...wanted };
}

function trial(wanted: Partial<Trial> = {}): Trial {
  return {
    host: 'svr1',
    role: 'holder',
    targets: [loss()],
    vip: 'to svr2',
    wholeMs: 1712.4,
    latestMs: 7.2,
    ...wanted,
  };
}

function row(wanted: Partial<DrillRow> & { readonly trials: readonly Trial[] }): DrillRow {
  const [first] = wanted.trials;
  const targets = first?.targets ?? [];
  return {
    fault: 'stop-nginx',
    host: first?.host ?? '',
    role: first?.role ?? 'holder',
    limits: { outageMs: 300 },
    lostByTarget: targets.map(({ lost }) => lost),
    lost: targets.reduce((sum, { lost }) => sum + lost, 0),
    outageMs: Math.max(...targets.map(({ outageMs }) => outageMs)),
    ...(first?.wholeMs !== undefined && { wholeMs: first.wholeMs }),
    vip: first?.vip ?? '',
    verdict: 'passed',
    ...wanted,
  };
}

function result(wanted: Partial<DrillResult>): DrillResult {
  return {
    playbook: 'phase1',
    exit: EXIT.converged,
    hosts: ['svr1', 'svr2'],
    targets: [{ ...HEALTH, port: 80 }],
    perSecond: 100,
    repeat: 1,
    rows: [],
    skipped: [],
    troubles: [],
    before: [],
    startedAt: AT,
    ms: 38_712,
    ...wanted,
  };
}

function told(...trials: readonly (readonly [string, string, Trial])[]): readonly DrillEvent[] {
  return [
    { type: 'inspecting' },
    { type: 'drill-started', hosts: ['svr1', 'svr2'], trials: trials.length },
    ...trials.flatMap(([fault, description, done], index): readonly DrillEvent[] => [
      {
        type: 'trial-started',
        fault,
        description,
        host: done.host,
        role: done.role,
        index: index + 1,
      },
      { type: 'broken', host: done.host, lastsMs: fault === 'reboot' ? 0 : 5000 },
      { type: 'put-right', host: done.host, by: fault === 'reboot' ? 'itself' : 'drill' },
      { type: 'not-whole-yet', detail: `every host may hold the VIP: ${done.host} may not` },
      { type: 'trial-done', trial: done },
    ]),
  ];
}

const STOPPED = trial();
const STOPPED_NEXT = trial({
  host: 'svr2',
  vip: 'to svr1',
  targets: [loss({ sent: 1120, lost: 1, outageMs: 9.7, slow: 2, reasons: { refused: 1 } })],
});
const PARTED = trial({ host: 'svr1, svr2', role: 'all', vip: 'stays', wholeMs: 402 });
const REBOOTED = trial({ wholeMs: 65_012, vip: 'to svr2 and back' });

/** Everything survived, for the first time. */
export function survived(): DrillRecording {
  return {
    events: told(
      ['stop-nginx', 'nginx is stopped', STOPPED],
      ['stop-nginx', 'nginx is stopped', STOPPED_NEXT],
      ['partition-and-heal', 'the hosts do not hear each other', PARTED],
      ['reboot', 'the host reboots', REBOOTED],
    ),
    result: result({
      rows: [
        row({ trials: [STOPPED] }),
        row({ trials: [STOPPED_NEXT] }),
        row({ fault: 'partition-and-heal', trials: [PARTED], limits: { outageMs: 500 } }),
        row({ fault: 'reboot', trials: [REBOOTED], limits: { lost: 2, outageMs: 300 } }),
      ],
      skipped: ['freeze', 'power-loss'].map((fault) => ({
        fault,
        reason: 'only the built-in lab can do this to its hosts',
      })),
    }),
  };
}

/** The second drill of a pair with two ports, three times each: more is lost than is allowed. */
export function exceeded(): DrillRecording {
  const killed = trial({
    targets: [
      loss({ lost: 2, outageMs: 20, reasons: { refused: 2 } }),
      loss({ lost: 1204, outageMs: 12_040, reasons: { 'not answered': 1200, reset: 4 } }),
    ],
    latestMs: 212.2,
  });
  return {
    events: [],
    result: result({
      exit: EXIT.degraded,
      playbook: 'phase2',
      targets: [80, 8000].map((port) => ({ ...HEALTH, port })),
      repeat: 3,
      rows: [
        row({ fault: 'kill-haproxy', trials: [killed], limits: { lost: 10 }, verdict: 'over the limit' }),
        row({ fault: 'freeze', trials: [trial({ targets: [loss(), loss()] })], limits: {} }),
      ],
      before: [
        {
          fault: 'kill-haproxy',
          host: 'svr1',
          role: 'holder',
          lost: 4,
          outageMs: 41,
          at: AT - HOUR_MS,
        },
      ],
    }),
  };
}

/** The pair is not whole again, and what names it would rather do something to a terminal. */
export function notWhole(): DrillRecording {
  const { wholeMs: _, ...broken } = trial({
    vip: 'held by no single host',
    targets: [loss({ lost: 812, outageMs: 8120 })],
  });
  return {
    events: told(['stop-nginx', 'nginx is stopped\u001B[2J', broken]),
    result: result({
      exit: EXIT.degraded,
      rows: [row({ trials: [broken], verdict: 'not whole again' })],
      troubles: [
        {
          what: 'stop-nginx on svr1: the cluster was not whole again within 60 s',
          why: ['svr1  service nginx: stopped -> running', 'said \u001B]0;swordfish\u0007'],
          hint: 'journalctl -u nginx -n 50',
        },
      ],
    }),
  };
}

/** Somebody pressed Ctrl-C. */
export function stopped(): DrillRecording {
  return {
    events: told(['stop-nginx', 'nginx is stopped', STOPPED]),
    result: result({ exit: EXIT.interrupted, rows: [row({ trials: [STOPPED] })] }),
  };
}
