import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { InvalidInput } from '../../src/core/error.ts';
import { playbook, role, type Cluster } from '../../src/core/role.ts';
import { chooseFaults, faultsOf, refuseSingleHost, targetsOf } from '../../src/drill/choose.ts';
import { faultNamed } from './faults.ts';

const STOP = faultNamed('stop-nginx');
const KILL = faultNamed('kill-nginx');
const FREEZE = faultNamed('freeze', { means: { by: 'lab', deed: 'freeze' } });
const PART = faultNamed('partition', { refusal: 'it talks by multicast' });
const ALL = [STOP, KILL, FREEZE, PART];
const PAIR: Cluster = {
  hosts: ['svr1', 'svr2'].map((name) => ({ name, address: '192.0.2.1', groups: [], vars: new Map() })),
};

function refused(work: () => unknown): readonly object[] {
  try {
    work();
  } catch (error) {
    return error instanceof InvalidInput ? error.troubles : [{ error }];
  }
  return [];
}

describe('what is drilled', () => {
  it('is everything that can be done, and what cannot is told', () => {
    expect(chooseFaults(ALL, { only: [], isLab: false })).toEqual({
      chosen: [STOP, KILL],
      skipped: [
        { fault: 'freeze', reason: 'only the built-in lab can do this to its hosts' },
        { fault: 'partition', reason: 'it talks by multicast' },
      ],
    });
  });

  it('is in the lab what only the lab can do, too', () => {
    expect(chooseFaults(ALL, { only: [], isLab: true }).chosen).toEqual([STOP, KILL, FREEZE]);
  });

  it('is what was named, in the order of a drill', () => {
    expect(chooseFaults(ALL, { only: ['kill-nginx', 'stop-nginx'], isLab: false })).toEqual({
      chosen: [STOP, KILL],
      skipped: [],
    });
  });

  it('is nothing when a name is unknown, or cannot be done: every such name is told', () => {
    const only = ['stop-ngnix', 'freeze', 'partition', 'kill-nginx'];

    expect(refused(() => chooseFaults(ALL, { only, isLab: false }))).toEqual([
      { what: '--only stop-ngnix: there is no such fault here', hint: 'did you mean stop-nginx?' },
      {
        what: '--only freeze: only the built-in lab can do this to its hosts',
        hint: 'leave it out',
      },
      { what: '--only partition: it talks by multicast', hint: 'leave it out' },
    ]);
  });
});

describe('a playbook', () => {
  const web = role({ name: 'web', description: '', vars: v.object({}), resources: () => [] });
  const drill = role({ ...web, name: 'drill', faults: () => [STOP] });
  const book = playbook({ name: 'shop', description: '', hosts: 'web', roles: [web] });
  const target = { address: '192.0.2.9', port: 80, path: '/', host: 'a' };

  it('of whose roles none knows a fault is refused', () => {
    expect(refused(() => faultsOf(book, PAIR))).toMatchObject([
      { what: 'nothing in the playbook shop says what a drill can break' },
    ]);
    expect(faultsOf({ ...book, roles: [web, drill] }, PAIR)).toEqual([STOP]);
  });

  it('that watches nothing is refused', () => {
    expect(refused(() => targetsOf(book, PAIR, [STOP]))).toMatchObject([
      { what: 'the playbook shop does not say what its clients ask for' },
    ]);
  });

  it('of which nothing can be done here is refused', () => {
    expect(refused(() => targetsOf({ ...book, watch: () => [target] }, PAIR, []))).toMatchObject([
      { what: 'nothing that shop knows can be drilled here' },
    ]);
  });

  it('is measured at the ports that its faults are about', () => {
    const proxied = { ...target, port: 8000 };
    const watching = { ...book, watch: () => [target, proxied] };

    expect(targetsOf(watching, PAIR, [{ ...STOP, ports: [8000] }])).toEqual([proxied]);
    expect(targetsOf(watching, PAIR, [{ ...STOP, ports: [8000] }, KILL])).toEqual([target, proxied]);
  });

  it('on one host is refused', () => {
    expect(refused(() => refuseSingleHost(book, { hosts: PAIR.hosts.slice(1) }))).toMatchObject([
      { what: 'shop runs on one host: nobody could take over' },
    ]);
    expect(refused(() => refuseSingleHost(book, PAIR))).toEqual([]);
  });
});
