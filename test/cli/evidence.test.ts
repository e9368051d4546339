import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { evidenceKeeper } from '../../src/cli/evidence.ts';
import { Secret } from '../../src/core/secret.ts';
import { canary, Canaries } from '../canaries.ts';

const DIR = mkdtempSync(join(tmpdir(), 'run-playbook-evidence-'));
afterAll(() => rmSync(DIR, { recursive: true }));

test('evidence is for this user only, and holds no secret, whatever a journal made of it', async () => {
  const value = canary();
  const keep = evidenceKeeper('phase1', { env: { XDG_STATE_HOME: DIR }, secrets: [new Secret(value)] });
  const journal = `svr1 app[1]: auth ${value.slice(0, 15)}\nsvr1 app[1]: ${JSON.stringify(value)}\nsvr1 app[1]: over`;
  const file = await keep('svr1', journal);
  const text = readFileSync(file, 'utf8');
  expect(text).toBe('svr1 app[1]: auth [secret]\nsvr1 app[1]: "[secret]"\nsvr1 app[1]: over\n');
  expect(new Canaries({ value }).in(text)).toEqual([]);
  expect([file, dirname(file)].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o700]);
});
