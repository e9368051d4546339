import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { utils } from 'ssh2';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evidenceKeeper } from '../../src/cli/evidence.ts';
import { readRecords } from '../../src/cli/run-records.ts';
import { InvalidInput } from '../../src/core/error.ts';
import { mergeHistory } from '../../src/core/history.ts';
import type { SavedPlan } from '../../src/core/saved-plan.ts';
import { readHistory } from '../../src/drill/history.ts';
import { openPlan, refuseWrongSignature, sealedText } from '../../src/load/saved-plan-file.ts';
import { planKey } from '../../src/load/saved-plan-key.ts';
import { privateKeyIn, publicKeyIn } from '../../src/load/saved-plan-openssh.ts';
import { isSignedBy } from '../../src/load/saved-plan-signature.ts';
import { drillText } from '../../src/report/drill-text.ts';
import { historyText } from '../../src/report/history-text.ts';
import { inkFor } from '../../src/report/ink.ts';
import { isEncryptedKey } from '../../src/transport/credentials.ts';
import { survived } from '../report/drill-recordings.ts';
import { useArena } from './support/arena.ts';
import { batch, ensure, holds, PATIENT } from './support/cases.ts';
import { hostileText } from './support/strings.ts';

const arena = useArena('/dev/shm');
const INK = inkFor({ color: false, unicode: true });
const KEY = await planKey({
  projectDir: arena.path,
  env: { RUN_PLAYBOOK_PLAN_KEY: 'k'.repeat(32) },
  file: join(arena.path, 'key'),
});
const digest = KEY.digest('x');

function planOf(text: string): SavedPlan {
  return {
    format: 'run-playbook plan',
    version: 1,
    program: '0.1.0',
    madeAt: '2026-01-31T03:00:00Z',
    madeBy: text,
    key: KEY.id,
    arguments: { playbook: text, limit: text, tags: [text], skipTags: [], extraVars: [text] },
    playbook: { name: text, digest },
    hosts: [
      {
        host: text,
        target: text,
        connection: digest,
        variables: digest,
        changes: [{ id: text, summary: text, reads: digest, observed: digest, change: digest }],
      },
    ],
  };
}

/** What was opened; undefined when it was refused in words for a person. */
function unlessRefused<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof InvalidInput) {
      return undefined;
    }
    throw error;
  }
}

/** A text with something else in one place. */
const damage = fc.record({
  from: fc.nat(2000),
  length: fc.nat(60),
  by: fc.oneof(hostileText(), fc.constant('')),
});
const damaged = (text: string, { from, length, by }: { from: number; length: number; by: string }) =>
  `${text.slice(0, from % text.length)}${by}${text.slice((from % text.length) + length)}`;

describe('a saved plan', () => {
  test('is opened as it was saved, whatever is called what in it', PATIENT, async () => {
    await holds(
      fc.property(
        hostileText().filter((text) => !/\p{Cs}/u.test(text)),
        (text) => {
          const plan = planOf(text);
          const { seal, ...opened } = openPlan('plan', sealedText(plan, KEY, undefined), KEY);
          ensure(JSON.stringify(opened) === JSON.stringify(plan) && seal.length === 64, 'is another');
        },
      ),
    );
  });

  test('of which a byte is another is refused', PATIENT, async () => {
    const text = sealedText(planOf('x'), KEY, undefined);
    await holds(
      fc.property(damage, (how) => {
        const other = damaged(text, how);
        const opened = unlessRefused(() => openPlan('plan', other, KEY));
        ensure((opened !== undefined) === (other === text), 'is opened');
      }),
    );
  });

  test('in which somebody who knows its form says something else is refused', PATIENT, async () => {
    const whole = JSON.parse(sealedText(planOf('x'), KEY, undefined)) as Record<string, unknown>;
    const names = fc.oneof(fc.constantFrom(...Object.keys(whole)), hostileText());
    const strange = fc.constantFrom<unknown>(
      { toString: 1, valueOf: 1 },
      null,
      [],
      Number.POSITIVE_INFINITY,
      -0,
      {
        __proto__: null,
      },
    );
    const values = fc.oneof(hostileText(), fc.jsonValue(), strange);
    await holds(
      fc.property(names, values, fc.boolean(), (name, value, isFirst) => {
        const other = isFirst ? { ...whole, [name]: value } : { [name]: value, ...whole };
        const text = `${JSON.stringify(other, null, 2)}\n`;
        const opened = unlessRefused(() => openPlan('plan', text, KEY));
        ensure(opened === undefined || JSON.stringify(opened) === JSON.stringify(whole), 'is opened');
      }),
    );
  });

  test('that is too deep to be printed is refused', () => {
    const text = sealedText(planOf('x'), KEY, undefined).replace(
      '"madeBy": "x"',
      `"madeBy": ${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    );
    expect(() => openPlan('plan', text, KEY)).toThrow(InvalidInput);
  });

  test('that is sealed by the right key is refused all the same when it is none', PATIENT, async () => {
    const names = fc.constantFrom(
      'hosts',
      'arguments',
      'playbook',
      'madeBy',
      'signature',
      'x',
      '__proto__',
      'version',
    );
    await holds(
      fc.property(names, fc.oneof(hostileText(), fc.jsonValue()), (name, value) => {
        const plan = { ...planOf('x'), [name]: value };
        const opened = unlessRefused(() => {
          const sealed = openPlan('plan', sealedText(plan, KEY, undefined), KEY);
          refuseWrongSignature('plan', sealed, undefined);
          return sealed;
        });
        const isPlan =
          (name === 'madeBy' && typeof value === 'string') ||
          (name === 'hosts' && JSON.stringify(value) === '[]');
        ensure(opened === undefined || isPlan, `is opened with ${name}`);
      }),
      { share: 0.2 },
    );
  });
});

describe('a key', () => {
  const own = utils.generateKeyPairSync('ed25519');
  const PEM = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
  });

  test('that is damaged is none, or another', PATIENT, async () => {
    const texts = fc.oneof(
      fc
        .tuple(fc.constantFrom(own.private, own.public, PEM.privateKey), damage)
        .map(([text, how]) => damaged(text, how)),
      fc.uint8Array({ maxLength: 80 }).map((blob) => `ssh-ed25519 ${Buffer.from(blob).toString('base64')}`),
      fc
        .uint8Array({ maxLength: 200 })
        .map(
          (blob) =>
            `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from(blob).toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`,
        ),
    );
    await holds(
      fc.property(texts, (text) => {
        publicKeyIn(text);
        isEncryptedKey(Buffer.from(text));
        try {
          privateKeyIn(text);
        } catch (error) {
          // Who asked for it says which file it was.
          ensure(error instanceof Error, 'is no error');
        }
        ensure(!isSignedBy({ publicKey: text, value: 'ab'.repeat(64) }, 'x'), 'has signed');
      }),
    );
  });
});

describe('what is kept here of earlier runs', () => {
  const RECORD = JSON.stringify({
    v: 1,
    run: 'a',
    playbook: 'p',
    by: 'b',
    from: 'c',
    start: '2026-01-31T03:00:12Z',
    exit: 0,
    project: '/srv',
    inventory: 'i',
    selected: ['svr1'],
    hosts: { svr1: { result: 'changed', changes: [{ id: 'x', summary: 'y', is: 'done' }] } },
  });
  const lines = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constant(RECORD), damage).map(([text, how]) => damaged(text, how)) },
    { weight: 1, arbitrary: hostileText() },
    { weight: 1, arbitrary: fc.json() },
  );

  test('is shown as far as it can be read, the rest counted', PATIENT, async () => {
    const size = 100;
    const env = { XDG_STATE_HOME: arena.path };
    const folder = join(arena.path, 'run-playbook/history');
    mkdirSync(folder, { recursive: true });
    await holds(
      fc.asyncProperty(batch(lines, size), async (given) => {
        const text = given.join('\n');
        writeFileSync(join(folder, '2026-01-31.jsonl'), text);
        const { records, unread } = await readRecords(1000, env);
        ensure(records.length + unread === text.split('\n').filter(Boolean).length, 'a line is lost');
        const runs = mergeHistory(records, []);
        for (const host of [undefined, 'svr1', 'constructor', '__proto__']) {
          const shown = historyText({ host, runs, unread, troubles: [] }, INK);
          ensure(!/[^\P{Cc}\n]|\p{Cf}/u.test(shown), 'is obeyed');
        }
      }),
      { perRun: size },
    );
  });

  test('is no reason for a drill to fail', PATIENT, async () => {
    const { result } = survived();
    const good = {
      fault: 'stop-nginx',
      host: 'svr1',
      role: 'holder',
      lost: 1,
      outageMs: 2,
      at: 1_700_000_000_000,
    };
    const names = fc.constantFrom(...Object.keys(good), 'wholeMs');
    const rows = fc
      .tuple(names, fc.oneof(fc.jsonValue(), fc.constantFrom(1e17, -1e300, 'x', null)))
      .map(([name, value]) => ({ ...good, [name]: value }));
    const file = join(arena.path, 'drill.json');
    const size = 100;
    await holds(
      fc.asyncProperty(batch(fc.oneof(rows, fc.jsonValue()), size), hostileText(), async (kept, other) => {
        writeFileSync(file, JSON.stringify({ version: 1, rows: kept }));
        drillText({ ...result, before: await readHistory(file) }, INK, '');
        writeFileSync(file, other);
        ensure((await readHistory(file)).length === 0, 'has rows');
      }),
      { perRun: size },
    );
  });

  test('of a host that failed can be shown in a terminal', PATIENT, async () => {
    const keep = evidenceKeeper('../x', { env: { XDG_STATE_HOME: arena.path }, secrets: [] });
    const { readFile } = await import('node:fs/promises');
    const size = 500;
    await holds(
      fc.asyncProperty(batch(hostileText(), size), hostileText(), async (texts, host) => {
        const file = await keep(host.replaceAll('\0', '').slice(0, 100), texts.join('\n'));
        ensure(file.startsWith(join(arena.path, 'run-playbook/failures/')), `is kept in ${file}`);
        ensure(!/[^\P{Cc}\n\t]|\p{Cf}/u.test(await readFile(file, 'utf8')), 'is obeyed');
      }),
      { perRun: size },
    );
    expect(arena.path).toBeDefined();
  });
});
