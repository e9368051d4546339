import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, readBack, type DayLog } from '../../src/cli/day-log.ts';

const SOURCE = fileURLToPath(new URL('../../src/cli/day-log.ts', import.meta.url));
const PARTS = 10;

interface Entry {
  readonly name: string;
  readonly more?: string;
}

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'rp-day-log-')), 'log');
});

afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

function logOf(limits: Partial<DayLog<Entry>> = {}): DayLog<Entry> {
  return { folder, maxDays: 400, maxBytes: 50_000_000, parse, ...limits };
}

function parse(line: string): Entry | undefined {
  try {
    const value = JSON.parse(line) as Partial<Entry>;
    return typeof value.name === 'string' ? (value as Entry) : undefined;
  } catch {
    return undefined;
  }
}

async function namesIn(log = logOf()) {
  const { records, unread } = await readBack(log, { isWanted: () => true, isEnough: () => false });
  return { names: records.map(({ name }) => name), unread };
}

/** The name of the day so many days ago. */
function dayAgo(days: number): string {
  return new Date(Date.now() - days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

function plant(name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}

const line = (name: string) => `${JSON.stringify({ name })}\n`;

describe('a log', () => {
  it('is for this user only, and read in the order written', async () => {
    await append(logOf(), { name: 'a' });
    await append(logOf(), { name: 'b' });
    expect(await namesIn()).toEqual({ names: ['a', 'b'], unread: 0 });
    expect(readdirSync(folder)).toEqual([`${dayAgo(0)}.jsonl`]);
    expect(statSync(join(folder, `${dayAgo(0)}.jsonl`)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('is empty where nothing was kept yet', async () => {
    expect(await namesIn()).toEqual({ names: [], unread: 0 });
  });

  it('that cannot be read is an error, not an empty one', async () => {
    writeFileSync(folder, 'a file in its place');
    await expect(namesIn()).rejects.toThrow('ENOTDIR');
  });

  it('is read from its end, as far as it takes', async () => {
    plant(`${dayAgo(2)}.jsonl`, line('oldest'));
    plant(`${dayAgo(1)}.jsonl`, line('old'));
    await append(logOf(), { name: 'new' });
    const read = async (enough: number) => {
      const { records } = await readBack(logOf(), {
        isWanted: () => true,
        isEnough: (found) => found.length >= enough,
      });
      return records.map(({ name }) => name);
    };
    expect([await read(1), await read(2), await read(9)]).toEqual([
      ['new'],
      ['old', 'new'],
      ['oldest', 'old', 'new'],
    ]);
  });

  it('tells how much was read, so that somebody can have enough of it', async () => {
    plant(`${dayAgo(1)}.jsonl`, line('old'));
    await append(logOf(), { name: 'new', more: 'x'.repeat(5000) });
    const { records } = await readBack(logOf(), {
      isWanted: () => true,
      isEnough: (_, bytes) => bytes > 5000,
    });
    expect(records.map(({ name }) => name)).toEqual(['new']);
  });
});

describe('what is old, or too much', () => {
  it("goes by whole files, the oldest first, and nothing that is somebody else's", async () => {
    [401, 399, 1].forEach((days) => plant(`${dayAgo(days)}.jsonl`, line(`day ${days}`)));
    plant('notes.txt', 'of the user');
    plant('2001-01-01.jsonl.bak', 'of the user');
    await append(logOf(), { name: 'now' });
    expect(await namesIn()).toEqual({ names: ['day 399', 'day 1', 'now'], unread: 0 });
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['notes.txt', '2001-01-01.jsonl.bak']));
    writeFileSync(join(folder, `${dayAgo(1)}.jsonl`), 'x'.repeat(60_000));
    await append(logOf({ maxBytes: 50_000 }), { name: 'last' });
    expect(existsSync(join(folder, `${dayAgo(1)}.jsonl`))).toBe(false);
    expect(await namesIn()).toEqual({ names: ['now', 'last'], unread: 0 });
  });

  it('does not pile up within a day either', async () => {
    const log = logOf({ maxBytes: 25_000 });
    const wanted = Array.from({ length: 100 }, (_, index) => `record ${index}`);
    for (const name of wanted) {
      await append(log, { name, more: 'x'.repeat(1000) });
    }
    const files = readdirSync(folder).toSorted();
    const bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    const { names } = await namesIn(log);
    expect(bytes).toBeLessThanOrEqual(25_000);
    expect(files.length).toBeLessThanOrEqual(PARTS + 1);
    expect(files.every((name) => name.startsWith(dayAgo(0)))).toBe(true);
    expect(names.length).toBeGreaterThan(15);
    // In order, nothing missing between.
    expect(names).toEqual(wanted.slice(-names.length));
  });

  it('is never the record that was just written, however large', async () => {
    await append(logOf({ maxBytes: 1000 }), { name: 'small' });
    await append(logOf({ maxBytes: 1000 }), { name: 'large', more: 'x'.repeat(5000) });
    expect((await namesIn()).names.at(-1)).toBe('large');
  });
});

describe('a line that was cut off', () => {
  it.each([
    ['by a process that was killed', '{"name":"cut'],
    ['within a character', Buffer.from('{"name":"é').subarray(0, -1)],
    ['by a loss of power', Buffer.alloc(100)],
  ])('%s takes no other along', async (_, rest) => {
    await append(logOf(), { name: 'before' });
    appendFileSync(join(folder, `${dayAgo(0)}.jsonl`), rest);
    await append(logOf(), { name: 'after' });
    expect(await namesIn()).toEqual({ names: ['before', 'after'], unread: 1 });
  });

  it('anywhere leaves all others as they were', async () => {
    for (const name of ['a', 'b', 'c']) {
      await append(logOf(), { name });
    }
    const file = join(folder, `${dayAgo(0)}.jsonl`);
    const whole = readFileSync(file, 'utf8');
    const lastLine = whole.lastIndexOf('{');
    for (let length = lastLine; length < whole.length; length += 1) {
      writeFileSync(file, whole);
      truncateSync(file, length);
      await append(logOf(), { name: 'next' });
      const { names } = await namesIn();
      expect(names.filter((name) => name !== 'c')).toEqual(['a', 'b', 'next']);
    }
  });
});

/** A process of its own that appends records until it has written `number`. */
function writer(
  name: string,
  { number, size }: { readonly number: number; readonly size: number },
): ChildProcess {
  const code = `import(process.argv[1]).then(async (loaded) => {
    const { append } = loaded.default ?? loaded;
    const [, , folder, name, number, size] = process.argv;
    const log = { folder, maxDays: 400, maxBytes: 500e6, parse: () => undefined };
    for (let index = 0; index < Number(number); index += 1) {
      await append(log, { name: name + index, more: name.repeat(Number(size)) });
    }
  })`;
  const args = ['--import', 'jiti/register', '-e', code, SOURCE, folder, name, String(number), String(size)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

describe('processes at the same time', { timeout: 30_000 }, () => {
  it("do not get into each other's lines", async () => {
    const letters = ['a', 'b', 'c'];
    const writers = letters.map((letter) => writer(letter, { number: 30, size: 20_000 }));
    const ended = await Promise.all(writers.map((child) => once(child, 'exit')));
    expect(ended.map(([code]) => code)).toEqual([0, 0, 0]);
    const { names, unread } = await namesIn();
    const wanted = letters.flatMap((letter) => Array.from({ length: 30 }, (_, index) => `${letter}${index}`));
    expect(unread).toBe(0);
    expect(names.toSorted()).toEqual(wanted.toSorted());
  });

  it('lose nothing when one of them is killed while it writes', async () => {
    const victim = writer('v', { number: 100_000, size: 2_000_000 });
    const other = writer('o', { number: 30, size: 10 });
    const ends = Promise.all([once(victim, 'exit'), once(other, 'exit')]);
    const file = join(folder, `${dayAgo(0)}.jsonl`);
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline && !(existsSync(file) && statSync(file).size > 6_000_000)) {
      await sleep(5);
    }
    victim.kill('SIGKILL');
    const [[, signal], [code]] = await ends;
    expect([signal, code]).toEqual(['SIGKILL', 0]);
    await append(logOf(), { name: 'after' });
    const { names, unread } = await namesIn();
    expect(unread).toBeLessThanOrEqual(1);
    expect(names.filter((name) => name.startsWith('o'))).toHaveLength(30);
    expect(names.filter((name) => name.startsWith('v')).length).toBeGreaterThan(1);
    expect(names.at(-1)).toBe('after');
  });
});
