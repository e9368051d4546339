import { EXIT, type Trouble } from '../../src/core/error.ts';
import type { RunEvent } from '../../src/core/event.ts';
import type { TargetReport, WatchReport } from '../../src/core/watch.ts';
import { fresh, interrupted, type Recording } from './recordings.ts';

const VIP = '172.25.254.130';

function saw(port: number, wanted: Partial<TargetReport> = {}): TargetReport {
  const target = { address: VIP, port, path: '/healthz', host: 'ha-health.internal' };
  const { sent = 1204, unserved = 0, lost = 0 } = wanted;
  return {
    target,
    sent,
    unserved,
    servedSinceMs: 0.4,
    answered: sent - unserved - lost,
    lost,
    reasons: {},
    slow: 0,
    gaps: [],
    longestGapMs: 0,
    lostAtEnd: false,
    p50Ms: 1.2345,
    p99Ms: 4.0321,
    slowestMs: 48.7,
    ...wanted,
  };
}

function reportOf(targets: readonly TargetReport[], wanted: Partial<WatchReport> = {}): WatchReport {
  return {
    startedAt: Date.UTC(2026, 0, 31, 3, 0, 12, 345),
    ms: 24_081.3,
    intervalMs: 20,
    targets,
    latestMs: 7.21,
    skipped: 0,
    endedEarly: false,
    ...wanted,
  };
}

const STARTED: RunEvent = {
  type: 'watch-started',
  perSecond: 50,
  targets: [
    { name: `${VIP}:80`, first: { is: 'answered', status: 200 } },
    { name: `${VIP}:8000`, first: { is: 'lost', reason: 'refused' } },
  ],
};

const lost = (many: number, reason: 'refused' | 'not answered'): RunEvent => ({
  type: 'watch-lost',
  target: `${VIP}:80`,
  reason,
  lost: many,
});

/** `recording` with events of a watch around its changes. */
function during({ events, result }: Recording, heard: readonly RunEvent[], ended: RunEvent): Recording {
  const start = events.findIndex(({ type }) => type === 'host-started');
  const middle = start + 5;
  return {
    events: [
      ...events.slice(0, start),
      STARTED,
      ...events.slice(start, middle),
      ...heard,
      ...events.slice(middle),
      ended,
    ],
    result,
  };
}

/** An upgrade that loses nothing; a port is served only from its middle on, another one never. */
export function watched(): Recording {
  const ended: RunEvent = { type: 'watch-ended', sent: 3612, lost: 0 };
  const { events, result } = during(fresh(), [], ended);
  const targets = [
    saw(80),
    saw(8000, { unserved: 410, servedSinceMs: 8213.4 }),
    saw(8443, {
      unserved: 1204,
      servedSinceMs: undefined,
      p50Ms: undefined,
      p99Ms: undefined,
      slowestMs: undefined,
    }),
  ];
  return { events, result: { ...result, watch: { report: reportOf(targets), maxLost: 0 } } };
}

const TOO_MUCH: Trouble = {
  what: '51 requests were lost while hosts changed, at most 0 may be',
  why: [
    `${VIP}:80: 3 lost at 03:00:19.345 UTC for 0.06 s, during service nginx on svr2`,
    `${VIP}:80: 48 lost at 03:00:30.125 UTC for 0.96 s or longer, after service keepalived on svr1`,
  ],
  hint: 'look at what the hosts logged at that time (journalctl); to put up with as many: --max-lost 51',
};

/** Losses, the last of them still going on at the end; the prober was late itself. */
export function watchedLosses(): Recording {
  const heard = [lost(1, 'refused'), lost(2, 'refused'), lost(3, 'refused'), lost(51, 'not answered')];
  const ended: RunEvent = { type: 'watch-ended', sent: 2408, lost: 51 };
  const { events, result } = during(fresh(), heard, ended);
  const targets = [
    saw(80, {
      lost: 51,
      reasons: { 'not answered': 49, refused: 2 },
      gaps: [
        { fromMs: 7000, toMs: 7060, lost: 3, open: false },
        { fromMs: 17_780, toMs: 18_740, lost: 48, open: true },
      ],
      longestGapMs: 960,
      lostAtEnd: true,
      slow: 4,
      p99Ms: 118.7,
      slowestMs: 210.3,
    }),
    saw(8000),
  ];
  const report = reportOf(targets, { latestMs: 212.4, skipped: 3, endedEarly: true });
  return {
    events,
    result: { ...result, exit: EXIT.failed, troubles: [TOO_MUCH], watch: { report, maxLost: 0 } },
  };
}

/** Ctrl-C while hosts change: what was watched until then is told all the same. */
export function watchedUntilInterrupted(): Recording {
  const ended: RunEvent = { type: 'watch-ended', sent: 610, lost: 1 };
  const { events, result } = during(interrupted(), [lost(1, 'refused')], ended);
  const targets = [
    saw(80, { sent: 305, lost: 1, reasons: { refused: 1 }, longestGapMs: 20 }),
    saw(8000, { sent: 305 }),
  ];
  return { events, result: { ...result, watch: { report: reportOf(targets) } } };
}
