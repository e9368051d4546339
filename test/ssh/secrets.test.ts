import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/connection.ts';
import { quote, rawScript } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';
import { BecomeFailed } from '../../src/core/error.ts';
import { CommandTimeout, connect } from '../../src/transport/index.ts';
import { canary, Canaries } from '../canaries.ts';
import { everythingOf, failure, rejection, useHost } from './host.ts';
import { startServer } from './server.ts';

const value = canary();
const canaries = new Canaries({ SECRET: value });

/** As a validator might: the line, cut, encoded. */
const tell = rawScript(`value=${quote(value)}
printf '%s\\n' "$value" "parsing: ...$(printf %s "$value" | cut -c 4-24)..." >&2
printf %s "$value" | fold -w 17 >&2
echo >&2
printf %s "$value" | base64 -w 20 >&2
printf %s "$value" | od -An -v -tx1 -w64 | tr -d ' ' >&2`);

describe('a secret that a script does not know to be one', () => {
  const host = useHost();
  let knowing: Connection;
  beforeAll(async () => {
    knowing = await connect(host().server.target(), { secrets: [new Secret(value)] });
  });
  afterAll(() => knowing.close());

  test('is masked in what the script says, in pieces too', async () => {
    const { stderr } = await knowing.exec(tell, { timeoutMs: 5_000 });
    expect(stderr).toContain('parsing: ...[secret]...\n');
    expect(canaries.in(stderr), stderr).toEqual([]);
  });

  test('is masked in what a zx command says', async () => {
    const $ = await knowing.shell({ timeoutMs: 5_000 });
    const failed = await failure($`${tell}; exit 1`);
    const shown = [failed.stderr, failed.message, failed.stack, inspect(failed)].join('\n');
    expect(shown).toContain('parsing: ...[secret]...\n');
    expect(canaries.in(shown), shown).toEqual([]);
  });

  test('is masked in the command that errors show, before that is cut', async () => {
    const script = rawScript(`: ${'x'.repeat(100)} ${quote(value)}; sleep 9`);
    const error = await rejection(knowing.exec(script, { timeoutMs: 50 }), CommandTimeout);
    expect(error.trouble.command).toMatch(/x \[secret\]; slee/);
    expect(canaries.in(everythingOf(error))).toEqual([]);
  });

  test('is masked in why a script could not be held', async () => {
    const held = await knowing.hold(tell, { timeoutMs: 5_000, beatMs: 1_000 });
    expect(held).toMatchObject({ exit: 0, stderr: expect.stringContaining('[secret]') });
    expect(canaries.in(JSON.stringify(held))).toEqual([]);
  });

  test('is left as it is where it is an answer', async () => {
    const { stdout } = await knowing.exec(rawScript(`printf %s ${quote(value)}`), { timeoutMs: 5_000 });
    expect(stdout.toString()).toBe(value);
  });
});

test('a password of sudo is masked in the words of a sudo that repeats it', async () => {
  const server = await startServer({ env: { FAKE_SUDO: 'telling' } });
  const become = { enabled: true, user: 'root', password: new Secret(value) };
  const connection = await connect(server.target({ user: 'deploy', become }));
  const refused = await rejection(connection.exec(rawScript('echo'), { timeoutMs: 5_000 }), BecomeFailed);
  await connection.close();
  await server.close();
  expect(refused.trouble.why).toEqual(['sudo: [secret] is no password', 'Sorry, try again.']);
  expect(canaries.in(everythingOf(refused))).toEqual([]);
});
