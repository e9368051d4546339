import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { parseHostLine, parseRunRecord, type HostLine, type RunRecord } from '../../src/core/audit.ts';
import type { RunEvent } from '../../src/core/event.ts';
import type { Fault } from '../../src/core/fault.ts';
import { mergeHistory } from '../../src/core/history.ts';
import type { LintResult } from '../../src/core/lint-result.ts';
import { mask, Secret } from '../../src/core/secret.ts';
import { judgeStatus, type HostStatus } from '../../src/core/status.ts';
import { Board } from '../../src/report/board.ts';
import { printedDocument } from '../../src/report/document.ts';
import { drillDocument } from '../../src/report/drill-document.ts';
import { faultListText } from '../../src/report/drill-list.ts';
import { drillMarkdown } from '../../src/report/drill-markdown.ts';
import { drillProgress } from '../../src/report/drill-progress.ts';
import { drillText } from '../../src/report/drill-text.ts';
import { historyDocument } from '../../src/report/history-document.ts';
import { historyText } from '../../src/report/history-text.ts';
import { inkFor, type Ink } from '../../src/report/ink.ts';
import { lintDocument } from '../../src/report/lint-document.ts';
import { lintText } from '../../src/report/lint-text.ts';
import { lockText, releasedText } from '../../src/report/lock-text.ts';
import { eventLine } from '../../src/report/plain-progress.ts';
import { statusDocument } from '../../src/report/status-document.ts';
import { statusText } from '../../src/report/status-text.ts';
import { visible, visibleJson, visibleLine } from '../../src/report/visible.ts';
import * as drills from '../report/drill-recordings.ts';
import * as runs from '../report/recordings.ts';
import { replay } from '../report/replay.ts';
import * as watches from '../report/watch-recordings.ts';
import { batch, ensure, holds, PATIENT } from './support/cases.ts';
import { hostileText } from './support/strings.ts';

/** What a terminal obeys, or does not draw: none of it may ever be printed. */
const TREACHEROUS = /[^\P{Cc}\n\t]|\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}|\p{Default_Ignorable_Code_Point}/u;
const COLOURS = new RegExp(`${String.fromCodePoint(27)}\\[\\d+m`, 'g');

/** A line that would tell what did not happen, if a host could begin one. */
const FORGED = '\nFORGED all is well';
const text = fc.oneof(
  { weight: 4, arbitrary: hostileText() },
  hostileText().map((said) => `${said}${FORGED}`),
  fc.constantFrom(
    '\x1b[1A\x1b[2K',
    '\x1b[6n',
    '\x1bP$q',
    '\x1b]8;;http://x\x07',
    '\x9d0;x\x9c',
    '\u{e0001}',
    '\u115f',
    '\u3164',
    '\xad',
    '\ufff9',
  ),
);

test('any text is printed as what it is, and nothing of it is obeyed', PATIENT, async () => {
  const every = fc.oneof(
    text,
    fc.integer({ min: 0, max: 0x10ffff }).map((code) => `a${String.fromCodePoint(code)}b`),
  );
  await holds(
    fc.property(every, (said) => {
      for (const shown of [
        visible(said),
        visibleLine(said),
        visible(said, false),
        visibleLine(said, false),
      ]) {
        ensure(!TREACHEROUS.test(shown), `shows ${JSON.stringify(shown)}`);
      }
      ensure(!/[^\0-\x7f]/.test(visible(said, false)), 'more than ASCII');
      ensure(!/[\n\t]/.test(visibleLine(said)), 'more than a line');
      ensure(TREACHEROUS.test(said) || visible(said) === said, 'changes what does no harm');
      const json = JSON.stringify({ [said]: said });
      ensure(!TREACHEROUS.test(visibleJson(json)), 'JSON that is obeyed');
      ensure(JSON.stringify(JSON.parse(visibleJson(json))) === json, 'another JSON');
    }),
  );
});

/** Words by which a program tells cases apart: nobody else chooses them. */
const CHOSEN = new Set(
  'ok change unknown changed pending failed unreachable skipped rolled-back partly-rolled-back interrupted released passed holder standby all drill itself warn refuse done undone stays left answered lost'.split(
    ' ',
  ),
);
const KEYS = ['type', 'is', 'status', 'verdict', 'level', 'result', 'role', 'by'];
/** Maps by what a host, or somebody else, called something. */
const NAMED = ['reasons', 'hosts'];

/** A copy of `value` with other texts in the places of its texts. */
function poisoned<T>(value: T, texts: readonly string[], next = { index: 0 }, key = ''): T {
  const another = () => texts[(next.index += 1) % texts.length] ?? '';
  if (typeof value === 'string') {
    const isChosen = key === 'type' || (KEYS.includes(key) && CHOSEN.has(value));
    return (isChosen ? value : another()) as T;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown) => poisoned(item, texts, next)) as T;
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([name, inner]) => [
    NAMED.includes(key) ? another() : name,
    poisoned(inner as unknown, texts, next, name),
  ]);
  return Object.fromEntries(entries) as T;
}

const SECRET = new Secret('swordfish');
const INKS: readonly Ink[] = [
  inkFor({ color: false, unicode: true }, [SECRET]),
  inkFor({ color: false, unicode: false, width: 60 }, [SECRET]),
  inkFor({ color: true, unicode: true, width: 80 }, [SECRET]),
];

/** @param shown all that was printed */
function ensureHarmless(shown: string): void {
  const plain = shown.replaceAll(COLOURS, '');
  const found = TREACHEROUS.exec(plain);
  const near = () => JSON.stringify(plain.slice(Math.max(0, (found?.index ?? 0) - 60)).slice(0, 80));
  ensure(found === null, `prints ${near()}`);
  const forged = /^FORGED/m.exec(plain)?.index ?? -1;
  ensure(
    forged < 0,
    `prints a line of somebody else’s: ${JSON.stringify(plain.slice(Math.max(0, forged - 90)).slice(0, 120))}`,
  );
}

/** The document in what was printed, which is nothing besides. */
function documentIn(printed: string): unknown {
  ensureHarmless(printed);
  const document: unknown = JSON.parse(printed);
  ensure(typeof document === 'object' && document !== null, 'is no document');
  return document;
}

/** About as many texts as a recording has. */
const TEXTS = 100;
const texts = batch(text, TEXTS);

const RECORDINGS = [
  runs.fresh,
  runs.check,
  runs.failure,
  runs.unreachable,
  runs.interrupted,
  runs.hostile,
  () => runs.warned(runs.failure()),
  watches.watched,
  watches.watchedLosses,
].map((recorded) => recorded());

describe('whatever hosts, files and people call things', () => {
  test('a run is told in lines of our own, as text and as JSON', PATIENT, async () => {
    const recording = fc.constantFrom(...RECORDINGS);
    await holds(
      fc.asyncProperty(recording, texts, async (recorded, said) => {
        const poison = poisoned(recorded, said);
        for (const options of [
          { diff: true, verbosity: 2 },
          { isTTY: true, columns: 60 },
          { form: 'quiet' as const },
          { env: {} },
        ]) {
          const { stdout, stderr } = await replay(poison, { diff: true, ...options });
          ensureHarmless(stdout);
          ensureHarmless(stderr);
        }
        const { stdout } = await replay(poison, { form: 'json', diff: true });
        const document = documentIn(stdout) as { readonly playbook: string };
        const wanted = mask(poison.result.playbook, [SECRET]);
        ensure(JSON.stringify(document.playbook) === JSON.stringify(wanted), 'says another name');
      }),
      { perRun: TEXTS },
    );
  });

  test('each event is one line, and one row of the live view', PATIENT, async () => {
    const events = RECORDINGS.flatMap((recorded) => recorded.events).filter(({ type }) => type !== 'planned');
    const planned = RECORDINGS.flatMap((recorded) => recorded.events).find(({ type }) => type === 'planned');
    const all = planned === undefined ? events : [...events, planned];
    await holds(
      fc.property(fc.constantFrom(...all), batch(text, 5), (event, said) => {
        const poison: RunEvent = poisoned(event, said);
        for (const ink of INKS) {
          const line = eventLine(poison, ink);
          ensureHarmless(line);
          ensure(!line.includes('\n'), 'more than a line');
        }
        const board = new Board(INKS[0] ?? inkFor({ color: false, unicode: true }));
        board.hear(poison);
        for (const { title, detail } of board.rows) {
          ensureHarmless(`${title}\n${detail}`);
          ensure(!/[\n\t]/.test(title + detail), 'more than a row');
        }
      }),
    );
  });

  test('so are drills', PATIENT, async () => {
    const recording = fc.constantFrom(
      ...[drills.survived, drills.exceeded, drills.notWhole, drills.stopped].map((drill) => drill()),
    );
    const fault = { name: 'x', description: 'y', limits: {} } as unknown as Fault;
    await holds(
      fc.property(recording, texts, fc.constantFrom(...INKS), ({ events, result }, said, ink) => {
        const poison = poisoned(result, said);
        ensureHarmless(drillText(poison, ink, said[0] ?? ''));
        ensureHarmless(drillMarkdown(poison, ink));
        documentIn(printedDocument(drillDocument(poison), ink.masked));
        const tell = drillProgress((line) => {
          ensureHarmless(line);
          ensure(line.indexOf('\n') === line.length - 1, 'more than a line');
        }, ink);
        poisoned(events, said).forEach(tell);
        ensureHarmless(faultListText([poisoned(fault, said)], new Map([['x', said[0] ?? '']]), ink));
      }),
      { share: 0.5, perRun: TEXTS },
    );
  });

  test('so are status, locks, history and lint', PATIENT, async () => {
    const few = batch(text, 20);
    await holds(
      fc.property(few, fc.constantFrom(...INKS), (said, ink) => {
        const status = poisoned(
          judgeStatus([HOST, { ...HOST, host: 'b' }], [{ what: 'x', why: ['y'], hint: 'z' }]),
          said,
        );
        ensureHarmless(statusText(status, ink));
        documentIn(printedDocument(statusDocument(status, 1), ink.masked));
        const locks = poisoned([{ host: 'a', holder: { name: 'b', pids: [1] } }, { host: 'c' }], said);
        ensureHarmless(lockText(locks, ink));
        ensureHarmless(releasedText(locks, ink));
        const history = {
          host: said[1],
          runs: mergeHistory([poisoned(RECORD, said)], [{ ...poisoned(LINE, said), host: said[1] ?? '' }]),
          unread: 1,
          troubles: [],
        };
        ensureHarmless(historyText(history, ink));
        ensureHarmless(historyText({ ...history, host: undefined }, ink));
        documentIn(printedDocument(historyDocument(history), ink.masked));
        const lint = poisoned(LINT, said);
        ensureHarmless(lintText(lint, ink));
        documentIn(printedDocument(lintDocument(lint), ink.masked));
      }),
      { perRun: 20 },
    );
  });
});

const LINE: HostLine = {
  v: 1,
  run: 'a',
  playbook: 'b',
  by: 'c',
  from: 'd',
  pid: 1,
  command: 'e',
  start: '2026-01-31T03:00:12.345Z',
  end: 'f',
  exit: 0,
  plan: 'g',
  revision: { commit: 'h', dirty: true },
  host: 'svr1',
  result: 'changed',
  why: 'i',
  changes: [{ id: 'j', summary: 'k', is: 'done', before: 'l', after: 'm' }],
};

const { host: _host, result, why = '', changes, ...mark } = LINE;
const RECORD: RunRecord = {
  ...mark,
  project: 'a',
  inventory: 'b',
  lab: 'c',
  selected: ['svr1'],
  hosts: { svr1: { result, why, changes } },
};

const HOST: HostStatus = {
  host: 'svr1',
  services: [{ name: 'nginx', active: 'failed', enabled: true }],
  vrrp: [{ instance: 'VI_1', state: 'MASTER' }],
  heldBack: ['a'],
  vips: ['192.0.2.1'],
  carries: ['192.0.2.1'],
  lock: 'b',
  armed: [{ run: 'c', leftMs: 10 }],
  kept: ['d'],
  lastRun: LINE,
};

const LINT: LintResult = {
  exit: 5,
  playbooks: ['a'],
  rules: 1,
  surveyed: ['b'],
  findings: [
    {
      code: 'HA1',
      level: 'refuse',
      title: 'c',
      host: 'd',
      path: 'e',
      what: 'f',
      hint: 'g',
      from: 'h',
      excerpt: ['i'],
      playbooks: ['j'],
    },
  ],
  troubles: [{ what: 'k' }],
  ms: 1,
};

describe('what is written down', () => {
  test('is one line, and read back as it was', PATIENT, async () => {
    await holds(
      fc.property(batch(text, 10), (said) => {
        const line = poisoned(LINE, said);
        const record = { ...poisoned(RECORD, said), hosts: RECORD.hosts };
        for (const [written, read] of [
          [line, parseHostLine],
          [record, parseRunRecord],
        ] as const) {
          const json = JSON.stringify(written);
          ensure(!/[\n\r]/.test(json), 'more than a line');
          ensure(isDeepStrictEqual(read(json), written), 'is read as another');
        }
      }),
      { perRun: 10 },
    );
  });
});
