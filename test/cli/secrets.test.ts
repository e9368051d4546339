import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { canary, Canaries } from '../canaries.ts';
import { everyCommand, variantsOf } from '../every-command.ts';
import { run } from '../lab/support/run.ts';
import { project } from '../load/project.ts';
import { runMain } from './in-process.ts';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

const SECRETS = { HUSH: canary(), PASSWORD: canary(), PLAIN: canary() };
const canaries = new Canaries(SECRETS);
const ENV_FILE = `HUSH=${SECRETS.HUSH}\nPASSWORD=${SECRETS.PASSWORD}\n`;

/** A text of the inventory, not a secret from elsewhere. */
const plain = JSON.stringify(SECRETS.PLAIN);

/** Without its key no host is even tried. */
const KEYLESS = 'ansible_ssh_private_key_file: /no/such/key';

const inventory = (vars: string, host = KEYLESS) => `all:
  hosts:
    svr1:
      ansible_host: 127.0.0.1
      ansible_port: 1
      ansible_user: root
      ${host}
  vars:
    ansible_password: "\${PASSWORD}"
    ansible_become_password: ${plain}
${vars.replaceAll(/^/gm, '    ')}
`;

/** What can be wrong before a host has answered, with secrets right where it is; and what a run says of it. */
const WRONG: Readonly<Record<string, { readonly hosts: string; readonly says: string }>> = {
  'hosts that do not answer': {
    hosts: inventory(`app: { hush: "\${HUSH}", other: ${plain} }`, ''),
    says: 'ECONNREFUSED',
  },
  'secrets that connections cannot have': {
    hosts: inventory(
      'app: { hush: x }',
      'ansible_connection: "${HUSH}"\n      ansible_become: "${PASSWORD}"',
    ),
    says: 'should be true or false, is a secret',
  },
  'secrets that roles cannot have': {
    hosts: inventory(`app: { hush: ${plain}, port: "\${HUSH}", ports: [${plain}], "\${HUSH}": 1 }`),
    says: 'should be a number, is a secret',
  },
  'a typing mistake in the name of a secret': {
    hosts: inventory(`app: { hsuh: ${plain}, port: 80 }`),
    says: 'did you mean hush?',
  },
  'a typing mistake in the name of a password': {
    hosts: inventory('app: { hush: x }', `ansible_pasword: ${plain}`),
    says: 'did you mean ansible_password?',
  },
  'a secret of a wrong kind': {
    hosts: inventory(`app: { hush: [${plain}], port: 80 }`),
    says: 'should be a secret',
  },
  'a secret that is cut with its line': {
    hosts: inventory(`app: { ports: [${'1, '.repeat(30)}1], hush: [${plain}], port: 80 }`),
    says: '[secret]',
  },
  'what a rule refuses, on the line of a secret': {
    hosts: inventory(`app: { hush: ${plain}, port: 66 }`),
    says: 'app.port: is 66',
  },
  'a rule that tells the secret': {
    hosts: inventory('app: { hush: "${HUSH}", port: 67 }'),
    says: 'app.port: is [secret]',
  },
  'a role that throws': {
    hosts: inventory('app: { hush: "${HUSH}", port: 68 }'),
    says: 'what a mess: [secret]',
  },
  'a secret that is no address': {
    hosts: inventory('app: { hush: "${HUSH}" }').replace(
      '  vars:',
      '    svr2: { ansible_host: "${HUSH}" }\n  vars:',
    ),
    says: 'should be a host name or an address, without port and brackets, is a secret',
  },
  'no YAML, on the line of a password': {
    hosts: inventory('app: { hush: x }', `ansible_password: ${plain}, [`),
    says: 'hosts.yml:7',
  },
};

const FILES: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  '.env': ENV_FILE,
  'no.plan': `{ "hush": ${plain}`,
  'playbooks/app.ts': `import { playbook } from 'run-playbook';
import app from '../roles/app/index.ts';
export default playbook({ name: 'app', description: '', hosts: 'all', roles: [app] });
`,
  'roles/app/index.ts': `import { role, secret, v } from 'run-playbook';
const rule = {
  code: 'APP01', level: 'refuse', title: 'No port 66.', why: 'It is not liked.', fix: 'Take another.', source: 'none',
};
export default role({
  name: 'app',
  description: 'An app.',
  vars: v.strictObject({
    hush: secret(),
    other: v.optional(secret()),
    port: v.optional(v.number(), 80),
    ports: v.optional(v.array(v.number()), []),
  }),
  rules: [rule],
  objections({ vars: { port, hush } }) {
    if (port === 68) throw new Error('what a mess: ' + hush.reveal());
    const bad = { rule: 'APP01', path: 'app.port' };
    return port === 66 ? [{ ...bad, what: 'is 66' }] : port === 67 ? [{ ...bad, what: 'is ' + hush.reveal() }] : [];
  },
  resources: () => [],
});
`,
};

/** The arguments of each command; those of the lab, whose hosts are real, are in test/lab/secrets.test.ts. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  PLAYBOOK: ['app', '--yes', '--no-watch'],
  vars: ['svr1', '-p', 'app'],
  lint: ['app'],
  explain: ['APP01'],
  drill: ['app', '--yes'],
  plan: ['app', '-o', 'app.plan'],
  apply: ['no.plan'],
  status: [],
  history: ['svr1'],
  'lock status': [],
  'lock release': ['svr1', '--force', '--yes'],
};

/** Everything in a folder that others than its owner may read, or that holds a secret. */
function exposed(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => (statSync(path).mode & 0o077) !== 0 || canaries.in(readFileSync(path)).length > 0);
}

it('the arguments are those of every command there is', () => {
  const outside = [...everyCommand().keys()].filter((command) => !command.startsWith('lab '));
  expect(Object.keys(ARGUMENTS).toSorted()).toEqual(outside.toSorted());
});

describe.each(Object.entries(WRONG))('%s', (_, { hosts, says }) => {
  it.each(Object.entries(ARGUMENTS))('%s tells no secret', { timeout: 60_000 }, async (command, args) => {
    const cwd = await project({ ...FILES, 'inventory/hosts.yml': hosts });
    const state = join(cwd, 'state');
    await mkdir(state);
    const env = { LANG: 'C.UTF-8', XDG_STATE_HOME: state };
    for (const line of variantsOf(command, args)) {
      const { stdout, stderr } = await runMain(line, { env, cwd });
      const said = `${line.join(' ')}\n${stdout}${stderr}`;
      expect(said).toContain(command === 'PLAYBOOK' ? says : '\n');
      expect(canaries.in(said), said).toEqual([]);
    }
    expect(exposed(state)).toEqual([]);
  });
});

describe('what is written elsewhere than in its place', () => {
  it.each([
    ['variables as plain text', ['vars', 'svr1'], '[secret]'],
    ['.env for variables', ['app', '--check', '-e', '@.env'], '.env:1:1'],
    ['.env for an inventory', ['app', '--check', '-i', '.env'], '.env:1:1'],
    ['.env for a saved plan', ['apply', '.env'], '.env: is no saved plan'],
    ['.env for a key', ['plan', 'app', '-o', 'x.plan', '--sign', '.env'], 'cannot be read as a key'],
    ['.env for a public key', ['apply', '.env', '--require-signed-by', '.env'], 'cannot be read as a key'],
    [
      'a secret for a variable',
      ['app', '--yes', '-e', `app.hush='${SECRETS.PLAIN.replaceAll("'", "''")}'`],
      '-e ...',
    ],
    ['a secret in JSON', ['app', '--yes', '-e', `{"app": {"hush": ${plain}}}`], '-e ...'],
    ['a secret in a mistake', ['app', '--yes', '-e', `{"app": {"hsuh": ${plain}}}`], 'did you mean hush?'],
    [
      'a secret in a saved plan',
      ['plan', 'app', '-o', 'x.plan', '-e', `{"app": {"hush": ${plain}}}`],
      'holds a secret',
    ],
  ])('%s: is not repeated', { timeout: 20_000 }, async (_, line, says) => {
    const hosts = inventory(`app: { hush: ${plain} }`);
    const cwd = await project({ ...FILES, 'inventory/hosts.yml': hosts });
    const env = { LANG: 'C.UTF-8', XDG_STATE_HOME: join(cwd, 'state') };
    // Makes the key, without which no saved plan is read.
    await runMain(['plan', 'app', '-o', 'y.plan'], { env, cwd });
    const { stdout, stderr } = await runMain(line, { env, cwd });
    expect(stdout + stderr).toContain(says);
    expect(canaries.in(stdout + stderr), stdout + stderr).toEqual([]);
    expect(exposed(join(cwd, 'state'))).toEqual([]);
  });
});

describe('a secret that cannot be one', () => {
  it.each([
    ['PASSWORD', `a\0${SECRETS.PASSWORD}`, 'the secret PASSWORD holds a NUL byte'],
    ['HUSH', `${SECRETS.HUSH}\0`, 'the secret HUSH holds a NUL byte'],
  ])('%s is refused, and not told', async (name, value, why) => {
    const hosts = inventory('app: { hush: "${HUSH}" }');
    const cwd = await project({ ...FILES, 'inventory/hosts.yml': hosts });
    await writeFile(join(cwd, '.env'), `${ENV_FILE}${name}=${value}\n`);
    await chmod(join(cwd, '.env'), 0o600);
    const { exit, stdout, stderr } = await runMain(['app', '--check'], { cwd });
    expect([exit, stderr]).toEqual([5, expect.stringContaining(why)]);
    expect(canaries.in(stdout + stderr)).toEqual([]);
  });

  it('a password of sudo with a second line is refused: it would be run as root', async () => {
    const hosts = inventory('app: { hush: x }').replace(
      /ansible_become_password: .*/,
      'ansible_become_password: "${TWO}"',
    );
    const cwd = await project({ ...FILES, 'inventory/hosts.yml': hosts });
    await writeFile(join(cwd, '.env'), `${ENV_FILE}TWO="${SECRETS.PASSWORD.slice(0, 12)}\\nid"\n`);
    await chmod(join(cwd, '.env'), 0o600);
    const { exit, stdout, stderr } = await runMain(['app', '--check'], { cwd });
    expect([exit, stderr]).toEqual([
      5,
      expect.stringContaining('ansible_become_password: should be a single line'),
    ]);
    expect(canaries.in(stdout + stderr)).toEqual([]);
  });
});

/** Where nothing of the program is there to catch it. */
const CRASHES: Readonly<Record<string, string>> = {
  'thrown from a timer': 'setTimeout(() => { throw new Error(`lost: ${hush}`); }, 20);',
  'a promise that nobody waits for': 'void Promise.reject(new TypeError(hush));',
  'thrown without being an error': 'setTimeout(() => { throw { hush }.hush; }, 20);',
};

describe.each(Object.entries(CRASHES))('a crash: %s', (_, code) => {
  it.each([['-v'], ['--json']])('with %s tells no secret', async (option) => {
    const cwd = await project({
      ...FILES,
      'inventory/hosts.yml': inventory('app: { hush: "${HUSH}" }', ''),
      'playbooks/app.ts': `import { playbook } from 'run-playbook';
import { readFileSync } from 'node:fs';
const hush = /^HUSH=(.*)$/m.exec(readFileSync('.env', 'utf8'))[1];
${code}
export default playbook({ name: 'app', description: '', hosts: 'all', roles: [] });
`,
    });
    // Long enough for what happens meanwhile: three tries to connect.
    const argv = [process.execPath, join(PACKAGE, 'bin/run-playbook.js'), 'app', '--check', option];
    const { code: exit, stdout, stderr } = await run(argv, { cwd });
    expect([exit, stderr]).toEqual([1, expect.stringContaining('this is a bug in run-playbook: ')]);
    expect(stderr).toContain('[secret]');
    expect(canaries.in(stdout + stderr), stdout + stderr).toEqual([]);
    if (option === '--json') {
      expect(JSON.parse(stdout)).toMatchObject({
        exit: 1,
        errors: [{ what: expect.stringContaining('[secret]') }],
      });
    }
  });
});
