import { describe, expect, it } from 'vitest';
import { exitCode, passThrough } from '../../src/cli/pass-through.ts';

describe('a command in our place', () => {
  it('ends us with its exit code', async () => {
    expect(await passThrough(['/bin/sh', '-c', 'exit 7'], {})).toBe(7);
  });

  it('gets our signals', async () => {
    // Something that cannot miss the signal, however early it comes.
    const ended = passThrough(['/bin/sh', '-c', 'trap "exit 42" TERM; while :; do sleep 0.01; done'], {
      PATH: process.env['PATH'],
    });
    const again = setInterval(() => process.emit('SIGTERM'), 100);
    try {
      expect([42, 143]).toContain(await ended);
    } finally {
      clearInterval(again);
    }
  });

  it('leaves no listener behind', async () => {
    const before = process.listenerCount('SIGINT');
    await passThrough(['/bin/true'], {});

    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('may be one that does not exist', async () => {
    await expect(passThrough(['/nowhere/nsenter'], {})).rejects.toThrow('ENOENT');
  });

  it('counts signals as a shell does', () => {
    expect([exitCode(3, null), exitCode(null, 'SIGINT'), exitCode(null, 'SIGKILL')]).toEqual([3, 130, 137]);
  });
});
