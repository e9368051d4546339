import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../src/core/error.ts';
import type { Host, Inventory } from '../../src/core/inventory.ts';
import { Secret } from '../../src/core/secret.ts';
import { validateVars } from '../../src/load/bind-vars.ts';
import { readTarget } from '../../src/load/connection.ts';
import { READ } from '../../src/load/connection-names.ts';
import { parseExtraVars } from '../../src/load/extra-vars.ts';
import { Findings } from '../../src/load/findings.ts';
import { readGroups } from '../../src/load/groups.ts';
import { loadInventory } from '../../src/load/inventory.ts';
import { SecretFiller } from '../../src/load/secrets.ts';
import { placeOutside, SourceText } from '../../src/load/source-text.ts';
import { LoadedVariables, nodeOf, plainValue, variablesOf, type MapNode } from '../../src/load/variables.ts';
import { parseYaml, parseYamlMap } from '../../src/load/yaml.ts';
import { project } from '../load/project.ts';
import { web } from '../load/web-playbook.ts';
import { batch, ensure, expectSame, holds, PATIENT } from './support/cases.ts';
import { hostileText, isSendable, nearly } from './support/strings.ts';

/** What reading gives; undefined when it is refused in words for a person. */
async function unlessRefused<T>(read: (findings: Findings) => T | Promise<T>): Promise<T | undefined> {
  const findings = new Findings();
  try {
    const found = await read(findings);
    findings.throwIfAny();
    return found;
  } catch (error) {
    if (error instanceof InvalidInput && error.troubles.every(({ what }) => what !== '')) {
      return undefined;
    }
    throw error;
  }
}

/** As YAML reads it: a JSON text is one of YAML. */
const read = (value: unknown, findings: Findings): Promise<MapNode> =>
  parseYamlMap(new SourceText('hosts.yml', JSON.stringify(value)), findings);

const own = (name: string, value: unknown) => Object.fromEntries([[name, value]]);
const map = (names: readonly string[] = []) => Object.fromEntries(names.map((name) => [name, null]));
/** Of a JSON text: NUL, half a character, or a template of somebody else's. */
const isRefusable = (text: string) => /\\u0000|\\ud[89a-f]|\{\{|\{%/.test(text);
const isPlain = (text: string) => isSendable(text) && !/\{\{|\{%/.test(text);
const nothingInherited = () => ensure(Object.keys(Object.prototype).length === 0, 'a prototype was changed');

/** Any value that YAML can say, with any names. */
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    hostileText(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(hostileText(), tie('value')), { maxLength: 3 }).map(Object.fromEntries),
  ),
})).value;

function isGood(name: string): boolean {
  return /^[\w:][\w.:%-]*$/.test(name) && !/^[^:]+:\d+$/.test(name) && !(name in {});
}

function isGroup(name: string): boolean {
  return isPlain(name) && name !== 'all';
}

/** An inventory of these hosts, in JSON. */
function written(names: readonly string[]): string {
  return JSON.stringify({ all: { hosts: map(names) } });
}

describe('an inventory', () => {
  test('has hosts and groups of just the names it says; others are refused', PATIENT, async () => {
    const size = 50;
    const host = nearly(['svr1', 'web.example.org', '192.0.2.1', 'fe80::1%eth0']);
    await holds(
      fc.asyncProperty(batch(host, size), batch(hostileText(), size), async (hosts, groups) => {
        const [named, grouped] = [hosts, groups].map((names) => [...new Set(names)]);
        const text = { all: { hosts: map(named), children: map(grouped) } };
        const findings = new Findings();
        const found = readGroups(await read(text, findings), findings);
        expectSame([...found.hosts.keys()].toSorted(), named?.filter(isGood).toSorted() ?? []);
        expectSame(
          [...found.groups.keys()].toSorted(),
          ['all', ...(grouped?.filter(isGroup) ?? [])].toSorted(),
        );
        const isAllGood = named?.every(isGood) === true && grouped?.every(isGroup) === true;
        ensure(isAllGood === (findings.count === 0), `${findings.count} findings`);
      }),
      { perRun: size },
    );
    nothingInherited();
  });

  test('has variables of just the names and values it says; others are refused', PATIENT, async () => {
    const size = 50;
    const entry = fc.tuple(hostileText(), value);
    await holds(
      fc.asyncProperty(batch(entry, size), async (entries) => {
        const said: Record<string, unknown> = Object.fromEntries(entries);
        const good = Object.entries(said).filter((one) => !isRefusable(JSON.stringify(one)));
        const findings = new Findings();
        const { values } = new LoadedVariables(await read(said, findings));
        expectSame(
          good.map(([name]) => JSON.stringify(values[name])),
          good.map(([, wanted]) => JSON.stringify(wanted)),
        );
        ensure(
          (good.length === Object.keys(said).length) === (findings.count === 0),
          `${findings.count} findings`,
        );
      }),
      { perRun: size },
    );
    nothingInherited();
  });

  test('takes any secret as it is, and a text for no secret but where it names one', PATIENT, async () => {
    await holds(
      fc.asyncProperty(hostileText(), hostileText(), async (secret, text) => {
        const source = { file: '.env', values: new Map([['NAME', secret]]) };
        const said = `${text.replaceAll('$', '')}\${NAME}`;
        const node = nodeOf({ said, text }, placeOutside('here')) as MapNode;
        const found = await unlessRefused((findings) => {
          const filler = new SecretFiller(source, findings);
          return plainValue(filler.fill(node)) as Readonly<Record<'said' | 'text', unknown>>;
        });
        const names = text.split('$${').flatMap((part) => [...part.matchAll(/\$\{([A-Za-z_]\w*)\}/g)]);
        const isRefused = secret === '' || secret.includes('\0') || names.length > 0;
        ensure((found === undefined) === isRefused, 'is refused or not');
        if (found !== undefined) {
          const given = found.said instanceof Secret ? found.said.reveal() : undefined;
          ensure(given === said.replace('${NAME}', () => secret), `the secret is ${given}`);
          ensure(found.text === text.replaceAll('$${', '${'), `the text is ${String(found.text)}`);
        }
      }),
    );
  });

  test('says of each host how it is reached in values that mean nothing else', PATIENT, async () => {
    const names = fc.constantFrom(...Object.values(READ).flat());
    const texts = nearly(['192.0.2.1', 'root', '22', 'true', '-o UserKnownHostsFile="a b"', '~/.ssh/id']);
    await holds(
      fc.asyncProperty(names, texts, async (name, text) => {
        const connection = nodeOf(own(name, text), placeOutside('here')) as MapNode;
        const target = await unlessRefused((findings) =>
          readTarget('svr1', { connection, defaults: { cwd: '/srv' } }, findings),
        );
        if (target !== undefined) {
          const { address, user, become } = target;
          const told = [address, user, become.user].join('\n');
          ensure(!/[^\P{Cc}\n]|\p{Cf}|\p{Cs}/u.test(told), 'control characters in what is told');
          ensure(
            [address, user, become.user].every((one) => !one.startsWith('-')),
            'an option',
          );
          ensure(/^[\w:][\w.:%-]*$/.test(address) && /^#?\w[\w.@\\$-]*$/.test(become.user), 'another word');
          ensure([undefined, text].includes(target.password?.reveal()), 'another password');
        }
      }),
    );
  });

  test('that is any text at all ends in words for a person at worst', PATIENT, async () => {
    const marks = fc.constantFrom(
      ...'{}[],:-?&*!|>\'"%@`#~=<\n  \t\r'.split(''),
      '- ',
      ': ',
      '&a ',
      '*a ',
      '<<',
      '---\n',
    );
    const texts = fc.array(fc.oneof(marks, hostileText()), { maxLength: 12 }).map((parts) => parts.join(''));
    await holds(
      fc.asyncProperty(texts, async (text) => {
        await unlessRefused((findings) => parseYaml(new SourceText('hosts.yml', text), findings));
      }),
    );
  });

  test('is read from files as well as from memory', PATIENT, async () => {
    const size = 50;
    const host = fc.record({ name: nearly(['svr1', 'svr2', 'x']), variable: hostileText(), said: value });
    await holds(
      fc.asyncProperty(batch(host, size), async (hosts) => {
        const all = Object.fromEntries(hosts.map(({ name, variable, said }) => [name, own(variable, said)]));
        const good = Object.keys(all).filter((name) => /^\w+$/.test(name) && !(name in {}));
        const cwd = await project({
          'all.yml': written(Object.keys(all)),
          'good.yml': written(good),
          'host_vars/x.json': JSON.stringify(all['svr1'] ?? {}),
        });
        await unlessRefused(() => loadInventory('all.yml', { cwd, env: {} }));
        await unlessRefused(() => loadInventory('good.yml', { cwd, env: {} }));
      }),
      { share: 0.2, perRun: size },
    );
    nothingInherited();
  });
});

test.each([
  ['lists', '['.repeat(5000)],
  ['maps', '{"a":'.repeat(5000)],
  ['blocks', Array.from({ length: 2000 }, (_, indent) => `${' '.repeat(indent)}a:`).join('\n')],
  ['lists in blocks', '- '.repeat(5000)],
  [
    'aliases of aliases',
    Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join('\n'),
  ],
  ['a chain of aliases', Array.from({ length: 500 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}]`).join('\n')],
])('an inventory that would never end is refused soon: %s', PATIENT, async (_, text) => {
  const source = new SourceText('hosts.yml', `a0: &a0 x\n${text}`);
  const started = process.cpuUsage().user;
  expect(await unlessRefused((findings) => parseYamlMap(source, findings))).toBeUndefined();
  expect(process.cpuUsage().user - started).toBeLessThan(20_000_000);
});

/** A host that has `said` among its variables. */
function inventoryWith(said: Readonly<Record<string, unknown>>): Inventory {
  const place = placeOutside('hosts.yml');
  const become = { enabled: false, user: 'root' };
  const target = {
    host: 'svr1',
    address: '192.0.2.1',
    port: 22,
    user: 'root',
    become,
    knownHostsFiles: [],
    connectTimeoutMs: 1,
  };
  const connection = variablesOf({}, 'hosts.yml');
  const host: Host = {
    name: 'svr1',
    groups: ['web'],
    target,
    place,
    vars: variablesOf(said, 'hosts.yml'),
    connection,
  };
  return { source: 'hosts.yml', hosts: new Map([['svr1', host]]), groups: new Map(), secrets: [] };
}

function bind(said: Readonly<Record<string, unknown>>) {
  return unlessRefused(() =>
    validateVars(web, inventoryWith(said), { hostNames: ['svr1'] })[0]?.vars.get('nginx'),
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

test('a role gets the names and values that were said, or they are refused', PATIENT, async () => {
  const defaults = { port: 80, gzip: true, log: 'off', sites: {} };
  await holds(
    fc.asyncProperty(hostileText(), async (text) => {
      const said = { log: { file: text }, sites: own(text, { listen: [81] }) };
      const isLeftOut = ['__proto__', 'constructor', 'prototype'].includes(text);
      const whole = await bind({ nginx: said });
      ensure(isLeftOut ? whole === undefined : isSame(whole, { ...defaults, ...said }), 'text and name');
    }),
  );
  nothingInherited();
});

test('what is no role and no variable of a role is refused', PATIENT, async () => {
  await holds(
    fc.asyncProperty(hostileText(), async (text) => {
      for (const said of [own(text, {}), own('nginx', text), own('nginx', own(text, 81))]) {
        const validate = () => validateVars(web, inventoryWith(said), { hostNames: ['svr1'] });
        ensure((await unlessRefused(validate)) === undefined, 'is not');
      }
    }),
    { share: 0.1 },
  );
});

describe('--extra-vars', () => {
  test('as JSON sets what it says', PATIENT, async () => {
    const size = 10;
    const entry = fc.tuple(hostileText(), value).filter((one) => !isRefusable(JSON.stringify(one)));
    await holds(
      fc.asyncProperty(batch(entry, size), async (entries) => {
        const text = JSON.stringify(Object.fromEntries(entries));
        const found = await parseExtraVars([text]);
        ensure(JSON.stringify(plainValue(found)) === text, 'sets something else');
      }),
      { perRun: size },
    );
    nothingInherited();
  });

  test('as anything that looks like JSON is read or refused', PATIENT, async () => {
    const marks = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '@', '<<', '&a', '*a', 'a: 1');
    const texts = fc
      .array(fc.oneof(marks, hostileText()), { maxLength: 8 })
      .map((parts) => `{${parts.join('')}`);
    await holds(
      fc.asyncProperty(texts, async (text) => {
        await unlessRefused(() => parseExtraVars([text]));
      }),
      { share: 0.2 },
    );
    nothingInherited();
  });

  test('as name=value sets just that, or is refused', PATIENT, async () => {
    await holds(
      fc.asyncProperty(nearly(['user', 'ansible_host']), hostileText(), async (name, text) => {
        const found = await unlessRefused(() => parseExtraVars([`${name}=${text}`]));
        // A blank parts two of them, a dot two names.
        if (found !== undefined && /^\w+$/.test(name) && !/[ \t\r\n\f\v]/.test(text)) {
          const [entry, ...others] = Object.entries(plainValue(found) as object);
          const unquoted = text.replace(/^(["'])([^]*)\1$/, '$2');
          const isIt = entry?.[0] === name && [text, unquoted].includes(entry[1] as string);
          ensure(isIt && others.length === 0, `sets ${JSON.stringify(entry)}`);
        }
        ensure(found !== undefined || !/^\w+$/.test(name) || /[ \t\r\n\f\v"']/.test(text), 'is refused');
      }),
    );
    nothingInherited();
  });

  test('as a path of names reaches just there, or is refused', PATIENT, async () => {
    const path = fc.array(nearly(['nginx', 'sites', '__proto__', 'x']), { minLength: 2, maxLength: 4 });
    await holds(
      fc.asyncProperty(path, async (names) => {
        const arg = `${names.join('.')}=1`;
        const found = await unlessRefused(() => parseExtraVars([arg]));
        if (names.every((name) => /^\w+$/.test(name))) {
          const wanted = names.toReversed().reduce<unknown>((inner, name) => own(name, inner), 1);
          ensure(JSON.stringify(found && plainValue(found)) === JSON.stringify(wanted), 'reaches elsewhere');
        }
      }),
    );
    nothingInherited();
  });
});
