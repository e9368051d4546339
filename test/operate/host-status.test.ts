import { describe, expect, it } from 'vitest';
import { keepalivedStatus } from '../../src/operate/keepalived-status.ts';
import { armedUndos, keptUndos } from '../../src/operate/undo-status.ts';
import { lockHolderOf } from '../../src/stages/lock.ts';

const lines = (...text: readonly string[]) => ({ stdout: `${text.join('\n')}\n`, exit: 0 });

describe('what keepalived says', () => {
  const CONFIGURED = ['script check_nginx', 'instance VI_1', 'track nginx', 'vip 172.25.254.130'];

  it('is told by instance, with the addresses it is configured for', () => {
    const said = lines(
      ...CONFIGURED,
      'says VI_1.state MASTER',
      'says check_nginx.state healthy',
      'says nginx 0',
    );
    expect(keepalivedStatus(said)).toEqual({
      vips: ['172.25.254.130'],
      vrrp: [{ instance: 'VI_1', state: 'MASTER' }],
      heldBack: [],
    });
  });

  it('is nothing where there is none', () => {
    expect(keepalivedStatus({ stdout: '', exit: 2 })).toEqual({ vips: [], vrrp: [], heldBack: [] });
  });

  it('counts only what it watches: files of another playbook are left from before', () => {
    const said = lines(
      ...CONFIGURED,
      'says VI_1.state ',
      'says haproxy 1',
      'says check_haproxy.state unhealthy',
    );
    expect(keepalivedStatus(said)).toMatchObject({ vrrp: [{ state: '' }], heldBack: [] });
  });

  it.each([
    [['says nginx 1', 'says VI_1.state FAULT'], '/run/ha-track/nginx is not 0'],
    [['says check_nginx.state unhealthy'], 'check_nginx says unhealthy'],
    [['says VI_1.state FAULT', 'says nginx 0'], 'VI_1 is in FAULT'],
  ])('%j holds it back', (said, why) => {
    expect(keepalivedStatus(lines(...CONFIGURED, ...said)).heldBack).toEqual([why]);
  });
});

describe('an armed undo', () => {
  it('has the time left that its timer has', () => {
    const said = lines('1000.50 3000.00', '180 900000000 run-playbook-undo-a1b2.timer');
    expect(armedUndos(said)).toEqual([{ run: 'a1b2', leftMs: 79_500 }]);
  });

  it('that is being carried out has none', () => {
    const said = lines('1000.50 3000.00', '180 0 run-playbook-undo-a1b2.timer');
    expect(armedUndos(said)).toEqual([{ run: 'a1b2', leftMs: 0 }]);
    expect(armedUndos(lines('1000.50 3000.00'))).toEqual([]);
  });
});

it('runs whose undo is kept are told by name', () => {
  expect(keptUndos(lines('a1b2', 'c3d4'))).toEqual(['a1b2', 'c3d4']);
  expect(keptUndos({ stdout: '', exit: 0 })).toEqual([]);
});

describe('a lock', () => {
  it('is free when no process holds it, whatever its file says', () => {
    expect(lockHolderOf(lines('', 'phase1 by root@control'))).toBeUndefined();
  });

  it('is held by whom its file names', () => {
    expect(lockHolderOf(lines('12 15 ', 'phase1 by root@control'))).toEqual({
      name: 'phase1 by root@control',
      pids: [12, 15],
    });
  });
});
