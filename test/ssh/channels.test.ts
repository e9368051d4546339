import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Unreachable } from '../../src/core/error.ts';
import { rawScript, sh } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';
import { connect } from '../../src/transport/index.ts';
import { rejection, until, useHost } from './host.ts';
import { startServer } from './server.ts';

describe('channels', () => {
  const host = useHost({ refuseChannels: 3 });

  test('that the host refuses for a while are asked for again', async () => {
    const ended = await host().connection.exec(rawScript('echo at last'), { timeoutMs: 3_000 });
    expect(ended.stdout.toString()).toBe('at last\n');
    expect(host().connection.traffic.execs).toBe(1);
  });

  test('are at most 5 at once, and 20 commands all get their turn', async () => {
    const all = Array.from({ length: 20 }, (_, index) =>
      host().connection.exec(rawScript(`sleep 0.01; echo ${index}`), { timeoutMs: 5_000 }),
    );
    const ended = await Promise.all(all);
    expect(ended.map(({ stdout }) => Number(stdout.toString()))).toEqual([...all.keys()]);
    expect(host().server.mostChannels()).toBe(5);
  });

  test('refused for good are an error that names MaxSessions', async () => {
    const server = await startServer({ maxSessions: 0 });
    const connection = await connect(server.target());
    const error = await rejection(connection.exec(rawScript('true'), { timeoutMs: 5_000 }), Unreachable);
    expect(error.trouble.hint).toContain('MaxSessions');
    await connection.close();
    await server.close();
  });
});

describe('nothing to be seen on the host', () => {
  const host = useHost();

  test('neither a script, nor a secret, nor the environment of a command is in any argv', async () => {
    const { connection, server } = host();
    const secret = new Secret('s3cret-in-no-argv');
    const marker = 'marker-in-no-argv';
    const $ = await connection.shell({ timeoutMs: 5_000, env: { TOKEN: 'token-in-no-argv' } });
    const wait = rawScript('while [ ! -e "$go" ]; do sleep 0.01; done');
    const go = `${server.directory}/go`;
    const commands = Promise.all([
      connection.exec(sh`go=${go}; : ${secret} ${marker}; ${wait}`, { timeoutMs: 5_000 }),
      $`go=${go}; : ${secret} ${marker}; ${wait}`,
      $({ input: marker })`go=${go}; : ${secret} ${marker}; ${wait}`,
    ]);
    await until(
      () => server.children.length === 3 && argvs().filter((argv) => argv.includes('sleep 0.01')).length > 0,
    );
    const seen = argvs().join('\n');
    await connection.exec(sh`touch ${go}`, { timeoutMs: 3_000 });
    await commands;
    expect(seen).toContain('sh -s');
    expect(seen).not.toContain('in-no-argv');
    expect(server.lines.join('\n')).not.toContain('in-no-argv');
  });

  test('the command line reads the same in every login shell, csh and fish included', () => {
    expect(new Set(host().server.lines).size).toBe(2);
    for (const line of host().server.lines) {
      expect(line).toMatch(/^exec sudo -n -H -u root -- sh /);
      // What csh, fish and sh read differently within single quotes or outside.
      expect(line).not.toMatch(/[!\\\n`~^]/);
      expect(
        line
          .split("'")
          .filter((_, index) => index % 2 === 0)
          .join(''),
      ).not.toMatch(/[$*?{}()<>|&;"]/);
    }
  });
});

describe('traffic', () => {
  const host = useHost();

  test('counts bytes on the wire, both ways, and can be read after the close', async () => {
    const { connection, server } = host();
    const start = { ...JSON.parse(JSON.stringify(connection.traffic)) } as typeof connection.traffic;
    expect(start).toMatchObject({ connections: 1, execs: 0 });
    expect(start.bytesUp).toBeGreaterThan(1_000);
    await connection.exec(rawScript(`: ${'x'.repeat(100_000)}`), { timeoutMs: 3_000 });
    const up = connection.traffic.bytesUp - start.bytesUp;
    expect(up).toBeGreaterThan(100_000);
    expect(up).toBeLessThan(102_000);
    await connection.exec(rawScript('head -c 100000 /dev/zero'), { timeoutMs: 3_000 });
    const down = connection.traffic.bytesDown - start.bytesDown;
    expect(down).toBeGreaterThan(100_000);
    expect(down).toBeLessThan(104_000);
    await connection.close();
    expect(connection.traffic.execs).toBe(2);
    expect(connection.traffic.bytesDown).toBeGreaterThan(100_000);
    // What the client sent is what the server read.
    expect(connection.traffic.bytesUp).toBe(server.bytesRead());
  });

  test('of one probe of 20 KB is one round of one channel', async () => {
    const connection = await connect(host().server.target());
    const before = connection.traffic.bytesUp;
    await connection.exec(rawScript(`: ${'x'.repeat(20_000)}`), { timeoutMs: 3_000 });
    expect(connection.traffic).toMatchObject({ connections: 1, execs: 1 });
    expect(connection.traffic.bytesUp - before).toBeLessThan(20_800);
    await connection.close();
  });
});

/** The command line of every process of this machine. */
function argvs(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });
}
