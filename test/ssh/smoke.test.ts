import { test, expect } from 'vitest';
import { connect } from '../../src/transport/index.ts';
import { sh, rawScript } from '../../src/core/script.ts';
import { startServer } from './server.ts';

test('smoke', async () => {
  const server = await startServer();
  const connection = await connect(server.target());
  const r = await connection.exec(sh`echo hi ${'a b'}; echo err >&2; echo $FAKE_ROOT; cat; exit 3`, {
    timeoutMs: 5000,
  });
  console.info(r, r.stdout.toString());
  let big = '';
  while (big.length < 1 << 20) big += ': ' + 'x'.repeat(100) + '\n';
  const b = await connection.exec(rawScript(big + 'echo end'), { timeoutMs: 5000 });
  expect(b.stdout.toString()).toBe('end\n');
  const $ = await connection.shell({ timeoutMs: 3000, env: { A: 'ä b' } });
  const out = await $`echo "$A" ${'x=1'}; cat`;
  expect(out.stdout).toBe('ä b x=1\n');
  expect((await $({ input: 'hello' })`cat`).stdout).toBe('hello');
  const f = await $`echo no >&2; exit 4`.catch((e) => e);
  console.info(f.message, f.exitCode);
  const t = performance.now();
  const e = await connection.exec(sh`sleep 60 & echo $!; wait`, { timeoutMs: 300 }).catch((e) => e);
  console.info(e, performance.now() - t);
  const t2 = await $({ timeout: 200 })`sleep 60`.catch((e) => e);
  console.info(t2.constructor.name, t2);
  console.info(JSON.stringify(connection.traffic));
  await connection.close();
  console.info(JSON.stringify(connection.traffic));
  await server.close();
}, 20000);
