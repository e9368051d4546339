import type { Facts, Interface } from '../core/facts.ts';
import type { Family, Query, Seen } from '../core/query.ts';
import { rawScript } from '../core/script.ts';
import { packageNamed } from './package.ts';

type HostFacts = Omit<Facts, 'packageVersion'>;

const facts: Family<HostFacts> = {
  name: 'facts',
  scripts: () => [
    rawScript('cat /etc/os-release; [ -d /run/systemd/system ] && echo RP_SYSTEMD=1; ip -o addr show'),
  ],
  parse([frame], keys) {
    const text = frame?.stdout.toString('utf8') ?? '';
    const value = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
    const parsed: HostFacts = {
      os: value('ID'),
      osVersion: value('VERSION_ID'),
      systemd: value('RP_SYSTEMD') === '1',
      interfaces: parseInterfaces(text),
    };
    return new Map(keys.map((key) => [key, parsed]));
  },
};

/** What a host is: release, init system, interfaces with their addresses. */
export const hostFacts: Query<HostFacts> = { family: facts, key: 'host' };

/** The facts of one host out of everything its probe answered. */
export function factsFrom(seen: Seen): Facts {
  return {
    ...seen.answer(hostFacts),
    packageVersion(name) {
      const state = seen.answer(packageNamed(name));
      return state.installed ?? state.candidate;
    },
  };
}

function parseInterfaces(text: string): readonly Interface[] {
  const addresses = new Map<string, string[]>();
  for (const [, name = '', address = ''] of text.matchAll(/^\d+: (\S+)\s+inet6? (\S+)/gm)) {
    addresses.set(name, [...(addresses.get(name) ?? []), address]);
  }
  return [...addresses].map(([name, list]) => ({ name, addresses: list }));
}
