import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enterCommand, labDown, labUp } from '../../scripts/lab/index.ts';
import type { RunDocument } from '../../src/report/document.ts';
import { cannotRunLab, phase1, redundant, VIP } from './support/pair.ts';
import { run } from './support/run.ts';

const LAB = `t-watch-${process.pid}`;
const CLI = fileURLToPath(new URL('../../bin/run-playbook.js', import.meta.url));

/** A run whose clients cannot reach the VIP for a moment once it is watched; the hosts notice nothing of it. */
async function runWithOutage(...options: readonly string[]): Promise<RunDocument> {
  const args = [CLI, 'phase1', '--yes', '--json', '-v', '--watch', ...options];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, RUN_PLAYBOOK_LAB: LAB },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const document = text(child.stdout);
  const closed = once(child, 'close');
  for await (const line of createInterface(child.stderr)) {
    if (line.startsWith('watch ') && line.includes('requests a second')) {
      await route('add');
      setTimeout(() => void route('del'), 300);
    }
  }
  await closed;
  return JSON.parse(await document) as RunDocument;
}

async function route(command: 'add' | 'del'): Promise<void> {
  const argv = enterCommand(LAB, ['ip', 'route', command, 'unreachable', `${VIP}/32`]);
  const { code, stderr } = await run(argv);
  expect([code, stderr]).toEqual([0, '']);
}

describe.skipIf(cannotRunLab)('phase 1 under watch', () => {
  beforeAll(async () => {
    await labUp({ name: LAB });
    const { exit, errors } = await phase1(LAB);
    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
    await redundant(LAB);
  });

  afterAll(() => labDown({ name: LAB }));

  it('changes a running pair and loses nothing', async () => {
    const options = ['--watch', '--watch-rate', '200', '--max-lost', '0', '-e', 'nginx.keepalive_timeout=30'];
    const { exit, errors, watch } = await phase1(LAB, ...options);
    const [target] = watch?.targets ?? [];
    process.stdout.write(
      `    measured  changing a running pair: ${target?.lost} of ${target?.sent} lost, ${target?.slow} slow, ` +
        `p50 ${target?.p50Ms} ms, p99 ${target?.p99Ms} ms, prober late by ${watch?.prober.latestMs} ms at most\n`,
    );
    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
    expect(target).toMatchObject({ address: VIP, port: 80, lost: 0, unserved: 0 });
    expect(target?.sent).toBeGreaterThan(200);
  });

  it('fails when more is lost than may be, and says why', async () => {
    const { exit, hosts, errors, watch } = await runWithOutage(
      '--max-lost',
      '0',
      '-e',
      'nginx.keepalive_timeout=31',
    );
    expect(exit).toBe(1);
    expect(Object.values(hosts).map(({ status }) => status)).toEqual(['changed', 'changed']);
    expect(watch?.targets).toMatchObject([{ reasons: { unreachable: watch?.lost }, lostAtEnd: false }]);
    expect(watch?.lost).toBeGreaterThan(5);
    expect(errors).toMatchObject([
      { what: `${watch?.lost} requests were lost while hosts changed, at most 0 may be` },
    ]);
  });

  it('watches nothing when there is nothing to change', async () => {
    const { exit, watch } = await phase1(LAB, '--watch', '-e', 'nginx.keepalive_timeout=31');
    expect([exit, watch]).toEqual([0, undefined]);
  });
});
