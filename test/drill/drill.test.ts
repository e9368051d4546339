import { describe, expect, it } from 'vitest';
import type { FaultScripts } from '../../src/core/fault.ts';
import { InvalidInput, Locked, Unreachable } from '../../src/core/error.ts';
import { rawScript } from '../../src/core/script.ts';
import { faultNamed } from './faults.ts';
import { MemoryPair } from './memory-pair.ts';

const SCRIPTS: FaultScripts = {
  by: 'script',
  inject: () => rawScript('break'),
  heal: () => rawScript('mend'),
};
const STOP = faultNamed('stop-nginx');

/** The VIP leaves a host that is broken. */
function failOver(host: string, deed: string, pair: MemoryPair): void {
  if (deed === 'break') {
    pair.hostNamed(host).values.set('up', 'no');
    pair.moveVip(host === 'svr1' ? 'svr2' : 'svr1');
  }
  if (deed === 'mend') {
    pair.hostNamed(host).values.set('up', 'yes');
  }
}

describe.concurrent('a drill', () => {
  it('breaks each host in turn, the holder first, and arms the undo before', async () => {
    const pair = new MemoryPair({ onScript: failOver });
    const result = await pair.drill([STOP]);

    expect(pair.log.filter((line) => line.includes('locked')).toSorted()).toEqual([
      'svr1 locked',
      'svr2 locked',
    ]);
    expect(pair.log.slice(2)).toEqual([
      'clients ask',
      'svr1 arm',
      'svr1 break',
      'svr1 mend',
      'svr1 disarm',
      'clients ask',
      'svr2 arm',
      'svr2 break',
      'svr2 mend',
      'svr2 disarm',
    ]);
    expect(result).toMatchObject({ exit: 0, troubles: [] });
    expect(result.rows).toMatchObject([
      { host: 'svr1', role: 'holder', vip: 'to svr2', lost: 0, verdict: 'passed' },
      { host: 'svr2', role: 'holder', vip: 'to svr1', lost: 0, verdict: 'passed' },
    ]);
    expect(pair.hosts.map(({ lockedBy }) => lockedBy)).toEqual([undefined, undefined]);
  });

  it('breaks all hosts at once where the fault is about all of them', async () => {
    const pair = new MemoryPair();
    const result = await pair.drill([{ ...STOP, on: 'every host' }]);

    expect(pair.log.filter((line) => line.endsWith('break'))).toEqual(['svr1 break', 'svr2 break']);
    expect(result.rows).toMatchObject([{ host: 'svr1, svr2', role: 'all', vip: 'stays' }]);
  });

  it('leaves what puts itself right alone until it is whole', async () => {
    const pair = new MemoryPair({
      onScript: (host, deed, { hostNamed }) => {
        if (deed === 'break') {
          hostNamed(host).values.set('up', 'no');
          setTimeout(() => hostNamed(host).values.set('up', 'yes'), 300);
        } else if (deed === 'mend') {
          expect(hostNamed(host).values.get('up')).toBe('yes');
        }
      },
    });
    const { rows } = await pair.drill([{ ...STOP, means: { ...SCRIPTS, healsItself: true } }]);

    expect(rows.map(({ verdict }) => verdict)).toEqual(['passed', 'passed']);
    expect(rows[0]?.wholeMs).toBeGreaterThanOrEqual(250);
  });

  it('repeats, and goes on when a limit is exceeded', async () => {
    const pair = new MemoryPair({ lost: 3 });
    const result = await pair.drill([STOP, faultNamed('reboot', { limits: { lost: 3 } })], {
      order: { repeat: 2 },
    });

    expect(result.exit).toBe(8);
    expect(
      result.rows.map(({ fault, host, verdict, trials }) => [fault, host, verdict, trials.length]),
    ).toEqual([
      ['stop-nginx', 'svr1', 'over the limit', 2],
      ['stop-nginx', 'svr2', 'over the limit', 2],
      ['reboot', 'svr1', 'passed', 2],
      ['reboot', 'svr2', 'passed', 2],
    ]);
  });
});

describe.concurrent('nothing is broken', () => {
  it.each<readonly [string, (pair: MemoryPair) => void, object]>([
    [
      'where a host is not as declared',
      ({ hosts: [first] }) => first.values.set('up', 'no'),
      {
        what: 'the hosts are not as memory declares them; nothing was broken',
        why: ['svr1  task up: down -> up'],
        hint: 'first: run-playbook memory',
      },
    ],
    [
      'where the service is degraded',
      ({ hosts }) => hosts.forEach(({ values }) => values.set('vip', 'mine')),
      {
        what: 'the service is degraded already; nothing was broken',
        why: ['VIP 192.0.2.9 on exactly one host: held by svr1 and svr2'],
        hint: 'look at keepalived',
      },
    ],
    [
      'where a lost drill has left its undo',
      ({ armed }) => armed.add('svr2'),
      { host: 'svr2', what: 'a drill that was lost has left its undo armed; nothing was broken' },
    ],
  ])('%s', async (_, prepare, trouble) => {
    const pair = new MemoryPair();
    prepare(pair);

    const error: unknown = await pair.drill([STOP]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidInput);
    expect(error).toMatchObject({ exit: 5, trouble });
    expect(pair.log).toEqual([]);
  });

  it('where a host does not answer', async () => {
    const pair = new MemoryPair();
    pair.hosts[1].lost = true;

    await expect(pair.drill([STOP])).rejects.toBeInstanceOf(Unreachable);
    expect(pair.log).toEqual([]);
  });

  it('where another run is at work', async () => {
    const pair = new MemoryPair();
    pair.hosts[1].lockedBy = 'phase1 by root@control';

    await expect(pair.drill([STOP])).rejects.toBeInstanceOf(Locked);
    expect(pair.log).toEqual(['svr1 locked']);
    expect(pair.hosts[0].lockedBy).toBeUndefined();
  });

  it('when the answer is no', async () => {
    const pair = new MemoryPair();
    const { exit, rows } = await pair.drill([STOP], { order: { confirm: async () => false } });

    expect({ exit, rows, log: pair.log }).toEqual({ exit: 130, rows: [], log: [] });
  });

  it('where clients are not served anyway', async () => {
    const pair = new MemoryPair({ first: { is: 'lost', reason: 'not connected' } });
    const { exit, troubles } = await pair.drill([STOP]);

    expect(exit).toBe(1);
    expect(troubles).toMatchObject([{ why: ['not connected'] }]);
    expect(pair.log).not.toContain('svr1 break');
  });
});

describe.concurrent('a drill that goes wrong', () => {
  it('puts right what is broken when it is interrupted', async () => {
    const pair = new MemoryPair({
      onScript: (_, deed, { interrupt }) => void (deed === 'break' && interrupt.abort()),
    });
    const { exit, rows, troubles } = await pair.drill([{ ...STOP, lastsMs: 60_000 }]);

    expect({ exit, rows, troubles }).toEqual({ exit: 130, rows: [], troubles: [] });
    expect(pair.log.slice(3)).toEqual(['svr1 arm', 'svr1 break', 'svr1 mend', 'svr1 disarm']);
  });

  it('puts right what could not be broken, and ends', async () => {
    const pair = new MemoryPair();
    const means = { ...SCRIPTS, inject: () => rawScript('fail') };
    const { exit, troubles } = await pair.drill([{ ...STOP, means }]);

    expect(exit).toBe(1);
    expect(troubles).toMatchObject([{ host: 'svr1', what: 'it could not be broken', why: ['no such unit'] }]);
    expect(pair.log.slice(3)).toEqual(['svr1 arm', 'svr1 fail', 'svr1 mend', 'svr1 disarm']);
  });

  it('ends where the hosts are not whole again, with what is wrong', async () => {
    const pair = new MemoryPair({
      onScript: (host, deed, { hostNamed }) =>
        void (deed === 'break' && hostNamed(host).values.set('up', 'no')),
    });
    const { exit, rows, troubles } = await pair.drill([{ ...STOP, wholeWithinMs: 300 }]);

    expect(exit).toBe(8);
    expect(rows).toMatchObject([{ host: 'svr1', verdict: 'not whole again' }]);
    expect(troubles).toMatchObject([
      {
        what: 'stop-nginx on svr1: the cluster was not whole again within 0.3 s',
        why: ['svr1  task up: down -> up'],
      },
    ]);
    expect(pair.log.filter((line) => line.endsWith('break'))).toEqual(['svr1 break']);
    expect(pair.log.at(-1)).toBe('svr1 disarm');
  });

  it('does not take a fault for survived that has not happened', async () => {
    const pair = new MemoryPair();
    const means = { ...SCRIPTS, trace: () => rawScript('trace') };
    const { exit, troubles } = await pair.drill([{ ...STOP, means, wholeWithinMs: 300 }]);

    expect(exit).toBe(8);
    expect(troubles).toMatchObject([{ why: ['nothing shows that the fault has happened'] }]);
  });

  it('takes one for survived that left its trace', async () => {
    const pair = new MemoryPair({
      onScript: (host, deed, { hostNamed }) =>
        void (deed === 'break' && hostNamed(host).values.set('trace', `another ${host}`)),
    });
    const means = { ...SCRIPTS, trace: () => rawScript('trace') };

    expect(await pair.drill([{ ...STOP, means }])).toMatchObject({ exit: 0 });
  });

  it('waits for a host that goes away between two readings', async () => {
    const pair = new MemoryPair({
      onScript: (host, deed, { hostNamed }) => {
        if (deed === 'break') {
          const broken = hostNamed(host);
          setTimeout(() => {
            broken.lost = true;
          }, 100);
          setTimeout(() => {
            broken.lost = false;
            broken.values.set('trace', `booted ${host}`);
          }, 500);
        }
      },
    });
    const means: FaultScripts = {
      by: 'script',
      inject: () => rawScript('break'),
      healsItself: true,
      trace: () => rawScript('trace'),
    };
    const { exit, rows, troubles } = await pair.drill([{ ...STOP, means, wholeWithinMs: 3000 }]);

    expect({ exit, troubles }).toEqual({ exit: 0, troubles: [] });
    expect(rows[0]?.wholeMs).toBeGreaterThanOrEqual(400);
    expect(pair.log).not.toContain('svr1 arm');
  });

  it('ends where a fault has no effect', async () => {
    const pair = new MemoryPair();
    const never = { name: 'both hold it', reads: {}, judge: () => ({ ok: false, detail: 'svr2 does not' }) };
    const { exit, troubles } = await pair.drill([{ ...STOP, lastsMs: 300, meanwhile: [never] }]);

    expect(exit).toBe(1);
    expect(troubles).toMatchObject([
      { what: 'stop-nginx: it was done, and had no effect', why: ['both hold it: svr2 does not'] },
    ]);
    expect(pair.log.slice(-2)).toEqual(['svr1 mend', 'svr1 disarm']);
  });

  it('ends where a fault has left something behind', async () => {
    const pair = new MemoryPair();
    const two = { name: 'one MAC', reads: {}, judge: () => ({ ok: false, detail: 'two answer' }) };
    const { exit, troubles } = await pair.drill([{ ...STOP, afterwards: [two] }]);

    expect(exit).toBe(8);
    expect(troubles).toMatchObject([
      { what: 'stop-nginx on svr1: it left something behind', why: ['one MAC: two answer'] },
    ]);
  });

  it('says that the host puts itself right when it cannot be reached for that', async () => {
    const pair = new MemoryPair({
      onScript: (host, deed, { hostNamed }) => {
        hostNamed(host).lost = deed === 'break';
      },
    });
    const { exit, troubles } = await pair.drill([STOP]);

    expect(exit).toBe(1);
    expect(troubles).toMatchObject([
      {
        host: 'svr1',
        what: 'could not be put right from here; svr1 does it itself within 30 s of the fault',
      },
    ]);
  });
});

describe.concurrent('a fault that only the lab can do', () => {
  it('is done and undone by the lab, nothing is armed', async () => {
    const pair = new MemoryPair();
    const deed = (name: string) => async (host: string) => void pair.log.push(`lab: ${name} ${host}`);
    const lab = {
      powerLoss: deed('power loss of'),
      boot: deed('boot'),
      freeze: deed('freeze'),
      thaw: deed('thaw'),
    };
    const faults = (['freeze', 'power-loss'] as const).map((name) =>
      faultNamed(name, { means: { by: 'lab', deed: name } }),
    );
    const { exit } = await pair.drill(faults, { site: { lab } });

    expect(exit).toBe(0);
    expect(pair.log.filter((line) => line.startsWith('lab'))).toEqual([
      'lab: freeze svr1',
      'lab: thaw svr1',
      'lab: freeze svr2',
      'lab: thaw svr2',
      'lab: power loss of svr1',
      'lab: boot svr1',
      'lab: power loss of svr2',
      'lab: boot svr2',
    ]);
    expect(pair.log.some((line) => line.includes('arm'))).toBe(false);
  });
});
