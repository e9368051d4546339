import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildProbe } from '../../src/core/probe.ts';
import { planHost } from '../../src/core/plan.ts';
import type { Query } from '../../src/core/query.ts';
import { isScript, joinScripts, rawScript, sh, type Script } from '../../src/core/script.ts';
import { entriesOf } from '../../src/queries/directory.ts';
import { factsFrom, hostFacts } from '../../src/queries/facts.ts';
import { fileAt } from '../../src/queries/file.ts';
import { fileSet, type FileSpec } from '../../src/resources/file-set.ts';
import { keepUndo } from '../../src/stages/kept-undo.ts';
import { UNDO_ROOT } from '../../src/stages/undo-place.ts';
import { seenFrom } from '../golden/observed.ts';
import { runLocally } from '../local-shell.ts';
import { useArena } from './support/arena.ts';
import { batch, ensureRefused, expectSame, holds, PATIENT } from './support/cases.ts';
import { hostileText, isSendable } from './support/strings.ts';

const arena = useArena('/dev/shm');
const me = userInfo().username;
const group = execFileSync('id', ['-gn']).toString().trim();

interface Install {
  readonly apply: Script;
  readonly undo: Script;
  readonly undoDirectory: string;
}

/** What a host on which nothing is would be sent for a set of files. */
function installOf(root: string, files: Readonly<Record<string, FileSpec>>): Install {
  const set = fileSet({ name: 'hostile', root, files });
  const seen = seenFrom([hostFacts, ...Object.values(set.reads)], new Map());
  const [step] = planHost('svr1', [set], seen, factsFrom(seen)).steps;
  if (step?.is !== 'change' || !isScript(step.change.apply) || !isScript(step.change.undo)) {
    throw new Error('files that are absent are a change with an undo');
  }
  const undoDirectory = mkdtempSync(join(arena.path, 'undo-'));
  return { apply: step.change.apply, undo: step.change.undo, undoDirectory };
}

/** As a change runs, in the arena; what would cost a process for each file is stubbed. */
async function run(script: Script, { undoDirectory }: Install, stubs = rawScript(':')): Promise<void> {
  const { exit, stderr } = await runLocally(
    joinScripts([sh`cd ${arena.path}; RP_UNDO=${undoDirectory}; set -eu`, stubs, script]),
  );
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
}

function spec(content: string): FileSpec {
  return { content, owner: me, group };
}

async function ask(queries: readonly Query<unknown>[]): Promise<readonly unknown[]> {
  const probe = buildProbe(queries, 'f00d');
  const { stdout } = await runLocally(joinScripts([sh`cd ${arena.path}`, probe.script]));
  const seen = probe.read(stdout);
  return queries.map((query) => seen.answer(query));
}

test('any content of a file arrives byte for byte', PATIENT, async () => {
  const stubs = rawScript(
    ['chown', 'chmod', 'mkdir', 'rm', 'mv', 'cp'].map((name) => `${name}() { :; }`).join('\n'),
  );
  const size = 500;
  await holds(
    fc.asyncProperty(batch(hostileText().filter(isSendable), size), async (contents) => {
      const root = mkdtempSync(join(arena.path, 'root-'));
      const install = installOf(
        root,
        Object.fromEntries(contents.map((content, index) => [`f${index}`, spec(content)])),
      );
      mkdirSync(join(install.undoDirectory, 'absent', root), { recursive: true });
      await run(install.apply, install, stubs);
      const stage = readFileSync(join(install.undoDirectory, 'stage'), 'utf8').trim();
      expectSame(
        contents.map((_, index) => readFileSync(join(stage, `f${index}`), 'utf8')),
        contents,
      );
      [root, stage, install.undoDirectory].forEach((path) => rmSync(path, { recursive: true }));
      arena.expectNoCanary();
    }),
    { perRun: size },
  );
});

/** A path as a person writes it, into a directory of its own. */
const isPath = (path: string) =>
  isSendable(path) &&
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  !/[\0-\x1f\x7f-\x9f]/.test(path) &&
  path.split('/').every((part) => !['', '.', '..'].includes(part));

test('any path of a file is written to, or refused before anything is', PATIENT, async () => {
  await holds(
    fc.property(hostileText(), (path) => {
      const declare = () => fileSet({ name: 'hostile', root: '/srv/x', files: { [path]: { content: '' } } });
      if (path === '.' || isPath(path)) {
        declare();
      } else {
        ensureRefused(declare, 'is not an absolute path without');
      }
    }),
  );
});

/** Every file below a directory with its content. */
function tree(root: string): ReadonlyMap<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((path) => [path, readFileSync(path, 'utf8')]));
}

test('files with any names and contents are installed, and taken back', PATIENT, async () => {
  const size = 50;
  const file = fc.record({
    path: hostileText().filter((path) => isPath(path) && Buffer.byteLength(path) < 200),
    content: hostileText().filter(isSendable),
  });
  await holds(
    fc.asyncProperty(batch(file, size), async (files) => {
      const root = join(mkdtempSync(join(arena.path, 'real-')), '$(touch canary)');
      const specs = files.map(({ path, content }, index) => [`${index}/${path}`, spec(content)] as const);
      const install = installOf(root, Object.fromEntries(specs));
      await run(install.apply, install);
      const wanted = files.map(
        ({ path, content }, index) => [join(root, String(index), path), content] as const,
      );
      expect(tree(root)).toEqual(new Map(wanted));
      await run(install.undo, install);
      expect(readdirSync(join(root, '..'))).toEqual([]);
      arena.expectNoCanary();
    }),
    { share: 0.02, perRun: size },
  );
});

describe('what stands on a host', () => {
  test('under any name, with any bytes, is read as it is', PATIENT, async () => {
    const size = 1000;
    const file = fc.record({
      name: hostileText().filter(
        (name) => isSendable(name) && !/^\.{0,2}$|\/|\ufffd/.test(name) && Buffer.byteLength(name) < 200,
      ),
      bytes: fc.oneof(
        hostileText().map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 20 }),
      ),
    });
    await holds(
      fc.asyncProperty(batch(file, size), async (files) => {
        const root = mkdtempSync(join(arena.path, 'host\t-\n'));
        const contents = new Map(files.map(({ name, bytes }) => [name, Buffer.from(bytes)]));
        contents.forEach((bytes, name) => writeFileSync(join(root, name), bytes));
        const paths = [...contents.keys()].map((name) => join(root, name));
        const [entries, ...states] = await ask([entriesOf(root), ...paths.map(fileAt)]);
        expectSame(entries as readonly string[], [...contents.keys()].toSorted());
        expectSame(
          (states as readonly { readonly content: Buffer }[]).map(({ content }) => content.toString('hex')),
          [...contents.values()].map((bytes) => bytes.toString('hex')),
        );
        rmSync(root, { recursive: true });
      }),
      { perRun: size },
    );
    arena.expectNoCanary();
  });

  test('and what does not is absent, whatever it is called', PATIENT, async () => {
    const size = 1000;
    const path = hostileText()
      .filter((name) => isSendable(name) && Buffer.byteLength(name) < 200)
      .map((name) => `/no/such/directory/${name}`);
    await holds(
      fc.asyncProperty(batch(path, size), async (paths) => {
        const states = await ask(paths.map(fileAt));
        expectSame(
          (states as readonly { readonly type: string }[]).map(({ type }) => type),
          paths.map(() => 'absent'),
        );
      }),
      { perRun: size },
    );
    arena.expectNoCanary();
  });

  test(
    'by a path that is not absolute nothing is looked for: it could be an option of find',
    PATIENT,
    async () => {
      await holds(
        fc.property(
          hostileText().filter((text) => !text.startsWith('/')),
          (path) => {
            ensureRefused(() => fileAt(path), 'is not an absolute path');
            ensureRefused(() => entriesOf(path), 'is not an absolute path');
          },
        ),
      );
    },
  );
});

test('how a change is taken back is kept as it is', PATIENT, async () => {
  const size = 500;
  await holds(
    fc.asyncProperty(batch(hostileText().filter(isSendable), size), async (given) => {
      const place = mkdtempSync(join(arena.path, 'kept-'));
      const undo = sh`printf '%s\\0' ${given}`;
      const begun = {
        resource: {
          id: given.join(''),
          kind: 'task',
          needs: [],
          reads: {},
          plan: () => ({ is: 'ok' }) as const,
        },
        undo,
        timeoutMs: 0,
        guarded: false,
      };
      // The host's own directory is another one here.
      const kept = keepUndo(begun, 1, 'run').text.replaceAll(`${UNDO_ROOT}/run`, place);
      const { stdout, stderr } = await runLocally(
        joinScripts([sh`cd ${arena.path}`, rawScript(kept), sh`cd ${place}; sh -eu */undo.sh`]),
      );
      expect(stderr).toBe('');
      expectSame(stdout.toString().split('\0').slice(0, -1), given);
      arena.expectNoCanary();
    }),
    { share: 0.5, perRun: size },
  );
});
