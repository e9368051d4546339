import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { parse } from '../../src/cli/parse.ts';
import { commandLineOf } from '../../src/cli/command-line.ts';
import { InvalidInput } from '../../src/core/error.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import { joinScripts, rawScript, sh } from '../../src/core/script.ts';
import { Findings } from '../../src/load/findings.ts';
import { selectHosts } from '../../src/load/select-hosts.ts';
import { placeOutside } from '../../src/load/source-text.ts';
import { readSshArgs } from '../../src/load/ssh-args.ts';
import { refuseUnknownTags } from '../../src/stages/tags.ts';
import { judgeHostKey, keyType } from '../../src/transport/host-key.ts';
import { coversHost, knownName, parseKnownHosts } from '../../src/transport/known-hosts.ts';
import { step } from '../report/recordings.ts';
import { runLocally } from '../local-shell.ts';
import { useArena } from './support/arena.ts';
import { batch, ensure, expectSame, holds, PATIENT } from './support/cases.ts';
import { hostileText, isSendable, nearly } from './support/strings.ts';

const arena = useArena();

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidInput && error.troubles.length > 0) {
      return undefined;
    }
    throw error;
  }
}

describe('on the command line', () => {
  const HOSTS = ['svr1', 'svr2', 'web.example.org'];
  const inventory = {
    source: 'hosts.yml',
    hosts: new Map(HOSTS.map((name) => [name, {}])),
    groups: new Map([
      ['all', HOSTS],
      ['web', HOSTS.slice(0, 2)],
      ['__proto__', []],
      ['a\nb', ['svr2']],
    ]),
    secrets: [],
  } as unknown as Inventory;

  test('any --limit chooses hosts of the inventory, or is refused', PATIENT, async () => {
    const signs = fc.constantFrom('*', '?', '!', '&', ',', ':', 'svr', '~', '[', ' ');
    const limits = fc.oneof(
      nearly(['svr1', 'web', 'svr*', 'all:!svr1']),
      fc.array(signs, { maxLength: 30 }).map((parts) => parts.join('')),
    );
    await holds(
      fc.property(limits, limits, (hosts, limit) => {
        const chosen = unlessRefused(() => selectHosts(inventory, hosts, limit)) ?? [];
        ensure(
          chosen.every((name) => HOSTS.includes(name)),
          'a host of nobody',
        );
        ensure(new Set(chosen).size === chosen.length, 'one twice');
      }),
    );
  });

  test('any tag is one of a resource, or refused', PATIENT, async () => {
    const resources = ['nginx', 'keepalived'].map((role) => step(role, `package ${role}`, 'ok').resource);
    const known = ['nginx', 'keepalived', 'package'];
    await holds(
      fc.property(nearly(known), nearly(known), (tag, skipped) => {
        const filter = { tags: [tag], skipTags: [skipped] };
        const taken = unlessRefused(() => refuseUnknownTags(resources, filter) ?? true);
        ensure(
          (taken !== undefined) === [tag, skipped].every((one) => known.includes(one)),
          'is taken or not',
        );
      }),
    );
  });

  test('any value of an option is that value, or refused', PATIENT, async () => {
    await holds(
      fc.property(batch(hostileText(), 5), ([playbook = '', limit = '', one = '', other = '', file = '']) => {
        const args = [playbook, '--limit', limit, '-e', one, '--extra-vars', other, '-i', file];
        const command = unlessRefused(() => parse(args));
        if (command?.kind === 'run') {
          const { extraVars } = command;
          expectSame(
            [command.playbook, command.limit, command.inventory, ...extraVars],
            [playbook, limit, file, one, other],
          );
        }
      }),
      { perRun: 5 },
    );
  });

  test('any value of an option for names and numbers is some, or refused', PATIENT, async () => {
    const options = fc.constantFrom(
      '--tags',
      '--skip-tags',
      '--forks',
      '--max-lost',
      '--wait',
      '--watch-rate',
    );
    await holds(
      fc.property(options, nearly(['1', 'a,b']), (option, value) => {
        const command = unlessRefused(() => parse(['phase1', option, value]));
        if (command?.kind === 'run') {
          const { tags, skipTags, forks, maxLost, wait, watchRate } = command;
          const numbers = [forks, maxLost, wait, watchRate].filter((number) => number !== undefined);
          ensure(
            numbers.every((number) => Number.isSafeInteger(number) && number >= 0),
            'is no number',
          );
          const names = [...tags, ...skipTags];
          ensure(
            names.every((name) => name !== '' && value.includes(name)),
            'is another name',
          );
        }
      }),
      { share: 0.1 },
    );
  });

  test('and is told as one word, to be copied', PATIENT, async () => {
    const size = 200;
    // Of those with a password in it nothing is told.
    const values = hostileText().filter((value) => isSendable(value) && !/pass|secret|token/i.test(value));
    await holds(
      fc.asyncProperty(batch(values, size), async (given) => {
        const lines = given.map((value) => {
          const repeated = {
            playbook: value,
            inventory: value,
            limit: value,
            extraVars: [value],
            tags: [value],
            skipTags: [],
          };
          return rawScript(commandLineOf(repeated, [])({ check: true }).replace(/^run-playbook/, 'told'));
        });
        const told = rawScript(`told() { printf '%s\\0' "$1" "$4" "$6" "$8" "\${10}"; }`);
        const { stdout } = await runLocally(joinScripts([sh`cd ${arena.path}`, told, ...lines]));
        expectSame(
          stdout.toString().split('\0').slice(0, -1),
          given.flatMap((value) => [value, value, value, value, value]),
        );
        arena.expectNoCanary();
      }),
      { share: 0.5, perRun: size },
    );
  });
});

describe('of ssh', () => {
  const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIGPlOkhhcmQ';

  test('any arguments name files of known hosts and nothing else, or are refused', PATIENT, async () => {
    const words = fc.constantFrom(
      '-o',
      'UserKnownHostsFile=',
      'ProxyCommand=',
      '-J x',
      '"',
      "'",
      ' ',
      '/a b',
      'StrictHostKeyChecking=no',
    );
    const args = fc.array(fc.oneof(words, hostileText()), { maxLength: 6 }).map((parts) => parts.join(''));
    await holds(
      fc.property(args, (text) => {
        const findings = new Findings();
        const files = readSshArgs(text, { name: 'x', place: placeOutside('y') }, findings);
        ensure(
          files.every((file) => file !== '' && text.replaceAll(/["']/g, '').includes(file)),
          `files ${files}`,
        );
        const isStrange = /proxycommand|stricthostkeychecking=no|-J x/i.test(text.replaceAll(/["' ]/g, ''));
        ensure(!isStrange || files.length > 0 || findings.count > 0, 'is ignored without a word');
      }),
    );
  });

  test('any lines of known_hosts are keys of who they name, and of nobody else', PATIENT, async () => {
    const marks = fc.constantFrom(
      '@revoked ',
      '@cert-authority ',
      '#',
      '|1|',
      ',',
      '!',
      '*',
      '?',
      ' ',
      '\n',
      `ssh-ed25519 ${KEY}`,
      'svr1',
    );
    const lines = fc.array(fc.oneof(marks, hostileText()), { maxLength: 10 }).map((parts) => parts.join(''));
    await holds(
      fc.property(lines, hostileText(), (text, name) => {
        const keys = parseKnownHosts(`${text}\nsvr1 ssh-ed25519 ${KEY}\n`, 'known_hosts');
        ensure(
          keys.some(({ names }) => names === 'svr1'),
          'the last line is lost',
        );
        const host = knownName(name, 22);
        for (const { names } of keys) {
          const isPlain = !/[|*?!,]/.test(names);
          ensure(
            !isPlain || coversHost(names, host) === (names.toLowerCase() === host),
            `${names} is ${host}`,
          );
        }
      }),
    );
  });

  test('a pattern of many stars is looked at in time', PATIENT, async () => {
    const pattern = fc.array(fc.constantFrom('*', 'a', '?', '!', ','), { minLength: 50, maxLength: 200 });
    const name = fc.array(fc.constantFrom('a', 'b'), { maxLength: 250 });
    await holds(
      fc.property(pattern, name, (stars, letters) => {
        coversHost(stars.join(''), letters.join(''));
      }),
      { share: 0.1 },
    );
  });

  test('any key that a host shows is told in one word, and is no other', PATIENT, async () => {
    const keys = parseKnownHosts(`svr1 ssh-ed25519 ${KEY}\n`, 'known_hosts');
    await holds(
      fc.property(fc.uint8Array({ maxLength: 40 }), hostileText(), (bytes, type) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(Buffer.byteLength(type));
        for (const shown of [
          Buffer.from(bytes),
          Buffer.concat([length, Buffer.from(type), Buffer.from(bytes)]),
        ]) {
          ensure(/^[\w@.+-]+$/.test(keyType(shown)), `is ${keyType(shown)}`);
          ensure(judgeHostKey(keys, shown).verdict === 'changed', 'is known');
        }
      }),
    );
  });
});
