import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { joinScripts, quote, rawScript, sh } from '../../src/core/script.ts';
import { Preamble } from '../../src/transport/preamble.ts';
import { startMark, wrap, type WrapOptions } from '../../src/transport/wrapper.ts';
import { runLocally, runProgram, SHELLS } from '../local-shell.ts';
import { useHost } from '../ssh/host.ts';
import { useArena } from './support/arena.ts';
import { batch, ensure, ensureRefused, expectSame, holds, PATIENT } from './support/cases.ts';
import { hostileText, isSendable } from './support/strings.ts';

const BATCH = 500;
const NONCE = 'n0nce';
const arena = useArena();

/** What `printf '%s\0'` printed. */
const words = (stdout: Buffer | string) => stdout.toString().split('\0').slice(0, -1);

const PRINT = rawScript("printf '%s\\0'");

test('any string is one word of a script, or refused', PATIENT, async () => {
  await holds(
    fc.property(hostileText(), (text) => {
      if (isSendable(text)) {
        ensure(sh`${text}`.text === quote(text), 'a word is what it is quoted');
      } else {
        ensureRefused(() => sh`${text}`, 'a shell argument cannot contain');
      }
    }),
  );
});

describe.each(SHELLS)('%s', (shell) => {
  const share = shell === 'sh' ? 1 : 0.2;

  test('any word arrives byte for byte, and is not executed', PATIENT, async () => {
    const texts = batch(hostileText().filter(isSendable), BATCH);
    await holds(
      fc.asyncProperty(texts, async (given) => {
        const { stdout } = await runLocally(sh`cd ${arena.path}; ${PRINT} ${given}`, shell);
        expectSame(words(stdout), given);
        arena.expectNoCanary();
      }),
      { share, perRun: BATCH },
    );
  });

  test('a script that holds a script that holds it does so too', PATIENT, async () => {
    const texts = batch(hostileText().filter(isSendable), BATCH);
    await holds(
      fc.asyncProperty(texts, async (given) => {
        const inner = sh`cd ${arena.path}; ${PRINT} ${given}`;
        const { stdout } = await runLocally(sh`eval ${sh`eval ${inner.text}`.text}`, shell);
        expectSame(words(stdout), given);
        arena.expectNoCanary();
      }),
      { share: share / 2, perRun: BATCH },
    );
  });
});

/** sudo, for the PATH of a login user: says who was to be become, and becomes nobody. */
const FAKE_SUDO = `#!/bin/sh
while [ "$1" != -- ]; do
  [ "$1" != -u ] || printf %s "$2" >became
  shift
done
shift
exec "$@"
`;

describe('on the way to the host', () => {
  const env = { PATH: `${arena.path}/bin:/usr/local/bin:/usr/bin:/bin` };

  beforeAll(async () => {
    await runLocally(sh`mkdir -p ${`${arena.path}/bin`}`);
    writeFileSync(join(arena.path, 'bin/sudo'), FAKE_SUDO);
    chmodSync(join(arena.path, 'bin/sudo'), 0o755);
  });

  test.each<[string, Partial<WrapOptions> & { readonly length?: number }]>([
    ['streamed', {}],
    ['loaded, as it is long', { length: 200 * 1024 }],
    ['loaded, as input follows', { hasInput: true }],
    ['streamed to sudo', { sudoUser: 'root' }],
    ['loaded by sudo', { sudoUser: "it's $(touch canary)", hasInput: true }],
  ])('any script arrives as it is: %s', PATIENT, async (_, { length = 0, ...options }) => {
    await holds(
      fc.asyncProperty(batch(hostileText().filter(isSendable), BATCH), async (given) => {
        const padding = rawScript(`: ${'x'.repeat(length)}`);
        const script = joinScripts([sh`cd ${arena.path}`, padding, sh`${PRINT} ${given}`, sh`cat`]);
        const wrapped = wrap(script.text, {
          nonce: NONCE,
          sudoUser: undefined,
          hasPassword: false,
          hasInput: false,
          ...options,
        });
        const input = options.hasInput === true ? given.join('\0') : '';
        const line = `cd ${quote(arena.path)}; ${wrapped.line}`;
        const { stdout } = await runProgram(['/bin/sh', '-c', line], wrapped.body + input, { env });
        const own = new Preamble(startMark(NONCE)).push(stdout);
        expectSame(own.toString().split('\0'), [...given, ...input.split('\0')]);
        arena.expectNoCanary();
        expect(options.sudoUser ?? '').toBe(
          options.sudoUser === undefined ? '' : readFileSync(join(arena.path, 'became'), 'utf8'),
        );
      }),
      { share: 0.2, perRun: BATCH },
    );
  });

  test('any name of a user is one argument of sudo', PATIENT, async () => {
    const users = batch(hostileText().filter(isSendable), BATCH);
    await holds(
      fc.asyncProperty(users, async (given) => {
        const lines = given.map((sudoUser) => {
          const { line } = wrap('', { nonce: NONCE, sudoUser, hasPassword: true, hasInput: false });
          return rawScript(line.replace(/^exec /, ''));
        });
        const stub = rawScript(`sudo() { printf '%s\\0' "$6"; }`);
        const { stdout } = await runLocally(joinScripts([sh`cd ${arena.path}`, stub, ...lines]));
        expectSame(words(stdout), given);
        arena.expectNoCanary();
      }),
      { perRun: BATCH },
    );
  });
});

describe('through `$` of a host', () => {
  const host = useHost();

  test('any argument and any value of the environment arrives, or is refused', PATIENT, async () => {
    const texts = batch(hostileText(), BATCH);
    await holds(
      fc.asyncProperty(texts, async (given) => {
        const [good, bad] = [given.filter(isSendable), given.filter((text) => !isSendable(text))];
        const named = good.map((text, index) => [`V${index}`, text] as const);
        const $ = await host().connection.shell({ timeoutMs: 20_000, env: Object.fromEntries(named) });
        const values = rawScript(named.map(([name]) => `"$${name}"`).join(' '));
        const { stdout } = await $`cd ${arena.path}; ${PRINT} ${good} ${values}`;
        expectSame(words(stdout), [...good, ...good]);
        for (const text of bad) {
          ensureRefused(() => $`true ${text}`, 'a shell argument cannot contain');
          ensureRefused(() => $({ env: { BAD: text } })`true`, 'a shell argument cannot contain');
        }
        arena.expectNoCanary();
      }),
      { perRun: BATCH },
    );
  });

  test('any name of a variable of the environment is one, or refused', PATIENT, async () => {
    const $ = await host().connection.shell({ timeoutMs: 20_000 });
    await holds(
      fc.property(
        hostileText().filter((name) => !/^[A-Za-z_]\w*$/.test(name)),
        (name) => {
          ensureRefused(
            () => $({ env: { [name]: 'x' } })`true`,
            'cannot be the name of an environment variable',
          );
        },
      ),
    );
  });
});
