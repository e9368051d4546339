import * as v from 'valibot';
import type { Connection, Executed } from '../../src/core/connection.ts';
import type { DrillEvent, DrillResult } from '../../src/core/drill.ts';
import { Unreachable } from '../../src/core/error.ts';
import type { Fault } from '../../src/core/fault.ts';
import type { Host } from '../../src/core/inventory.ts';
import type { Check } from '../../src/core/resource.ts';
import { playbook, role, type ClusterHost } from '../../src/core/role.ts';
import { rawScript, type Script } from '../../src/core/script.ts';
import type { Outcome, WatchReport } from '../../src/core/watch.ts';
import { runDrill, type DrillOrder } from '../../src/drill/drill.ts';
import { siteOf, type Surroundings } from '../../src/drill/site.ts';
import { outputOf } from '../../src/queries/output.ts';
import { task } from '../../src/resources/task.ts';
import { ConnectionLost } from '../../src/transport/error.ts';
import { MemoryHost } from '../stages/memory-host.ts';

const VIP = '192.0.2.9';

export interface PairOptions {
  /** Runs after each script that a fault runs on a host, with what it was: `arm`, `break`, `mend`, `disarm`. */
  readonly onScript?: (host: string, deed: string, pair: MemoryPair) => void;
  /** What clients see of each trial. */
  readonly lost?: number;
  readonly first?: Outcome;
}

/**
 * Two hosts in memory that a drill breaks: `break` and `mend` are what its faults do, `up` is what is declared,
 * `vip` is who holds it. What happened is in `log`, in order.
 */
export class MemoryPair {
  readonly hosts = [new MemoryHost('svr1'), new MemoryHost('svr2')] as const;
  readonly log: string[] = [];
  readonly events: DrillEvent[] = [];
  readonly interrupt = new AbortController();
  readonly #options: PairOptions;
  /** Hosts with an undo armed. */
  readonly armed = new Set<string>();

  constructor(options: PairOptions = {}) {
    this.#options = options;
    this.hosts.forEach((host) => host.values.set('up', 'yes'));
    this.moveVip('svr1');
  }

  moveVip(to: string): void {
    this.hosts.forEach(({ name, values }) => values.set('vip', name === to ? 'mine' : 'no'));
  }

  readonly hostNamed = (name: string): MemoryHost => (name === 'svr1' ? this.hosts[0] : this.hosts[1]);

  /** A whole drill of these faults, confirmed unless told otherwise. */
  drill(
    faults: readonly Fault[],
    {
      order = {},
      site = {},
    }: { readonly order?: Partial<DrillOrder>; readonly site?: Partial<Surroundings> } = {},
  ): Promise<DrillResult> {
    const target = { address: VIP, port: 80, path: '/', host: VIP };
    const { premises, surroundings } = this.#site();
    return runDrill(
      {
        playbook: 'memory',
        faults,
        skipped: [],
        targets: [target],
        perSecond: 100,
        repeat: 1,
        before: [],
        remedy: 'run-playbook memory',
        confirm: async () => true,
        ...order,
      },
      siteOf(premises, { ...surroundings, ...site }),
    );
  }

  #site() {
    const up = task({
      name: 'up',
      probe: rawScript('get up'),
      ok: ({ stdout }) => stdout === 'yes',
      summary: () => 'down -> up',
      apply: rawScript('set up yes'),
    });
    const web = role({
      name: 'web',
      description: '',
      vars: v.object({}),
      resources: () => [up],
      checks: () => [vipCheck()],
    });
    const cluster = this.hosts.map(({ name }): ClusterHost => ({
      name,
      address: '192.0.2.1',
      groups: [],
      vars: new Map([['web', {}]]),
    }));
    const hosts = cluster.map(
      ({ name }) => [name, { name, target: { host: name } } as unknown as Host] as const,
    );
    const premises = {
      playbook: playbook({ name: 'memory', description: '', hosts: 'web', roles: [web] }),
      inventory: { source: 'memory', hosts: new Map(hosts), groups: new Map(), secrets: [] },
      cluster,
      lockHolder: 'this drill',
      connect: async ({ host }: { readonly host: string }) => this.#connect(host),
    };
    const surroundings: Surroundings = {
      watch: async () => {
        this.log.push('clients ask');
        const { first = { is: 'answered', status: 200 } } = this.#options;
        return { first: [first], stop: async () => this.#report() };
      },
      marginMs: 10,
      listener: (event) => void this.events.push(event),
      signal: this.interrupt.signal,
    };
    return { premises, surroundings };
  }

  #connect(name: string): Connection {
    const host = this.hostNamed(name);
    if (host.lost) {
      throw new Unreachable({ host: name, what: 'does not answer' });
    }
    const plain = host.connection();
    return {
      ...plain,
      exec: async (script, options) => this.#exec(host, script) ?? plain.exec(script, options),
      hold: async (script, options) => {
        const held = await plain.hold(script, options);
        if ('release' in held) {
          this.log.push(`${name} locked`);
        }
        return held;
      },
      close: async () => {
        host.lockedBy = host.lockedBy === 'this run' ? undefined : host.lockedBy;
      },
    };
  }

  /** What a fault's own scripts do; undefined for what only reads. */
  #exec(host: MemoryHost, { text }: Script): Executed | undefined {
    const deed = deedOf(text);
    if (deed === undefined) {
      return undefined;
    }
    if (host.lost) {
      throw new ConnectionLost(host.name, deed);
    }
    if (deed === 'alive') {
      return ended(0);
    }
    if (deed === 'is armed') {
      return ended(this.armed.has(host.name) ? 0 : 3);
    }
    if (deed === 'trace') {
      return { ...ended(0), stdout: Buffer.from(host.values.get('trace') ?? '') };
    }
    this.log.push(`${host.name} ${deed}`);
    if (deed === 'fail') {
      return { ...ended(1), stderr: 'no such unit\n' };
    }
    this.#options.onScript?.(host.name, deed, this);
    return ended(0);
  }

  #report(): WatchReport {
    const { lost = 0 } = this.#options;
    return {
      startedAt: 0,
      ms: 1000,
      intervalMs: 10,
      targets: [
        {
          target: { address: VIP, port: 80, path: '/', host: VIP },
          sent: 100,
          unserved: 0,
          servedSinceMs: 0,
          answered: 100 - lost,
          lost,
          reasons: lost > 0 ? { refused: lost } : {},
          slow: 0,
          gaps: [],
          longestGapMs: lost * 10,
          lostAtEnd: false,
          p50Ms: 1,
          p99Ms: 2,
          slowestMs: 3,
        },
      ],
      latestMs: 1,
      skipped: 0,
      endedEarly: false,
    };
  }
}

function vipCheck(): Check {
  const vip = outputOf(rawScript('get vip'));
  return {
    name: `VIP ${VIP} on exactly one host`,
    reads: { vip },
    judge(seen) {
      const holders = [...seen]
        .filter(([, host]) => host.answer(vip).stdout === 'mine')
        .map(([name]) => name);
      const [holder, ...others] = holders;
      return holder !== undefined && others.length === 0
        ? { ok: true, detail: `held by ${holder}`, values: { vip: VIP, vipHolder: holder } }
        : { ok: false, detail: `held by ${holders.join(' and ') || 'no host'}`, hint: 'look at keepalived' };
    },
  };
}

function deedOf(text: string): string | undefined {
  const deeds: readonly (readonly [string, RegExp])[] = [
    ['alive', /^:$/],
    ['is armed', /^systemctl is-active -q run-playbook-drill-undo\.timer \S+$/],
    ['arm', /--on-active=/],
    ['disarm', /^systemctl stop run-playbook-drill-undo/],
    ['break from afar', /--unit=run-playbook-drill-inject/],
    ['break', /^break$/m],
    ['mend', /^mend$/m],
    ['trace', /^trace$/m],
    ['fail', /^fail$/m],
  ];
  return deeds.find(([, pattern]) => pattern.test(text))?.[0];
}

function ended(exit: number): Executed {
  return { exit, signal: undefined, stdout: Buffer.alloc(0), stderr: '' };
}
