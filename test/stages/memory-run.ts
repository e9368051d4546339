import * as v from 'valibot';
import { Unreachable } from '../../src/core/error.ts';
import type { RunEvent } from '../../src/core/event.ts';
import type { Host, Inventory } from '../../src/core/inventory.ts';
import type { RunRequest } from '../../src/core/request.ts';
import type { Check, Resource } from '../../src/core/resource.ts';
import type { RunResult } from '../../src/core/result.ts';
import { playbook, role, type ClusterHost, type Role } from '../../src/core/role.ts';
import { rawScript } from '../../src/core/script.ts';
import { outputOf } from '../../src/queries/output.ts';
import { task } from '../../src/resources/task.ts';
import { runPlaybook } from '../../src/run.ts';
import type { MemoryHost } from './memory-host.ts';

/** A task that is done when `key` has `value`. */
export function keyed(key: string, value: string, needs: readonly string[] = []): Resource {
  return task({
    name: key,
    probe: rawScript(`get ${key}`),
    ok: ({ stdout }) => stdout === value,
    summary: ({ stdout }) => `${stdout === '' ? 'absent' : stdout} -> ${value}`,
    apply: rawScript(`set ${key} ${value}`),
    undo: rawScript(`unset ${key}`),
    needs,
  });
}

interface MemoryRun {
  readonly hosts: readonly MemoryHost[];
  readonly resources: readonly Resource[] | ((host: string) => readonly Resource[]);
  readonly checks?: readonly Check[];
  readonly lint?: Pick<Role, 'rules' | 'survey'>;
  readonly request?: Partial<RunRequest>;
  readonly serial?: number;
  readonly onEvent?: (event: RunEvent) => void;
}

/** A whole run on hosts in memory; who has `vip` is worked on last. */
export async function runOn(run: MemoryRun): Promise<RunResult & { readonly events: readonly RunEvent[] }> {
  const { hosts, resources, checks = [], lint = {}, request = {} } = run;
  const vip = outputOf(rawScript('get vip'));
  const web = role({
    name: 'web',
    description: 'keys',
    vars: v.object({}),
    resources: ({ host }) => (typeof resources === 'function' ? resources(host.name) : resources),
    checks: () => checks,
    ...lint,
    standing: () => ({ reads: { vip }, rank: (seen) => (seen.answer(vip).exit === 0 ? 1 : 0) }),
  });
  const cluster = hosts.map(({ name }): ClusterHost => ({
    name,
    address: '192.0.2.1',
    groups: [],
    vars: new Map([['web', {}]]),
  }));
  const events: RunEvent[] = [];
  const result = await runPlaybook(
    {
      playbook: playbook({
        name: 'memory',
        description: '',
        hosts: 'web',
        roles: [web],
        serial: run.serial ?? 1,
      }),
      inventory: inventoryOf(hosts),
      cluster,
      selected: cluster.map(({ name }) => name),
      forks: 10,
      warnings: [],
      placeOf: () => undefined,
      rollback: 'host',
      lockHolder: 'test by root@control',
      check: false,
      tags: [],
      skipTags: [],
      async connect(target) {
        const host = hosts.find(({ name }) => name === target.host);
        if (host === undefined || host.lost) {
          throw new Unreachable({ host: target.host, what: 'does not answer' });
        }
        return host.connection();
      },
      ...request,
    },
    (event) => {
      events.push(event);
      run.onEvent?.(event);
    },
  );
  return { ...result, events };
}

function inventoryOf(hosts: readonly MemoryHost[]): Inventory {
  const entries = hosts.map(({ name }) => {
    const target = {
      host: name,
      address: '192.0.2.1',
      port: 22,
      user: 'deploy',
      become: { enabled: true, user: 'root' },
      knownHostsFiles: [],
      connectTimeoutMs: 1000,
    };
    return [name, { name, target } as unknown as Host] as const;
  });
  return { source: 'memory', hosts: new Map(entries), groups: new Map(), secrets: [] };
}
