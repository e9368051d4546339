import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { utils } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDown, labUp } from '../../scripts/lab/index.ts';
import type { SealedPlan } from '../../src/core/saved-plan.ts';
import type { RunDocument } from '../../src/report/document.ts';
import { differingPaths, METADATA, parseSnapshot } from '../contract/snapshot.ts';
import { cannotRunLab, HOSTS, onHost } from './support/pair.ts';
import { run, type Ended } from './support/run.ts';

const LAB = `t-saved-plan-${process.pid}`;
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Secrets with what shells, templates and JSON make something of. */
const FIRST = `CANARY-1 $(touch /pwned) '"\\ <%= 1 %>`;
const SECOND = `CANARY-2 \`id\` %s {{ x }}`;

const FILES: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'inventory/hosts.yml': readFileSync(join(PACKAGE, 'inventory/hosts.yml'), 'utf8').replace(
    /keepalived:[^]*$/,
    'note: { token: "${TOKEN}" }\n',
  ),
  'playbooks/note.js': `import { playbook } from 'run-playbook';
import note from '../roles/note/index.js';
export default playbook({ name: 'note', description: '', hosts: 'web', roles: [note] });
`,
  'roles/note/templates/text.ejs': 'one <%= v.host %>\n',
  'roles/note/index.js': `import { fileSet, role, secret, sh, task, template, v } from 'run-playbook';
const text = template(import.meta.url, 'text.ejs');
export default role({
  name: 'note',
  description: 'A note, a token, a mark.',
  vars: v.strictObject({ token: secret(), mark: v.optional(v.string(), 'set') }),
  resources: ({ vars: { token, mark }, host }) => [
    fileSet({ name: 'note', root: '/etc/note', files: { note: { content: text({ host: host.name }) } } }),
    fileSet({
      name: 'token',
      root: '/etc/token',
      files: { token: { content: token.reveal(), mode: '0600' } },
      secrets: [token],
    }),
    task({
      name: 'mark',
      probe: sh\`cat /etc/mark\`,
      ok: ({ stdout }) => stdout === mark,
      apply: sh\`printf %s \${mark} >/etc/mark; : \${token}\`,
      undo: sh\`rm -f /etc/mark\`,
    }),
  ],
});
`,
};

const IDS = ['files note', 'files token', 'task mark'];

/** Nobody else on this machine has its key. */
const STATE = mkdtempSync(join(tmpdir(), 'run-playbook-plan-state-'));
let project = '';
/** Everything that was ever printed. */
let printed = '';

function write(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text, { mode: 0o600 });
}

async function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = project): Promise<Ended> {
  const ended = await run([process.execPath, join(PACKAGE, 'bin/run-playbook.js'), ...args], {
    cwd,
    env: {
      ...process.env,
      RUN_PLAYBOOK_LAB: LAB,
      XDG_STATE_HOME: STATE,
      XDG_CACHE_HOME: join(STATE, 'cache'),
      ...env,
    },
  });
  printed += ended.stdout + ended.stderr;
  return ended;
}

/** The exit code and the document. */
async function json(...args: readonly string[]): Promise<RunDocument> {
  const { stdout, stderr } = await cli([...args, '--json']);
  if (stdout === '') {
    throw new Error(`${args.join(' ')}: no document\n${stderr}`);
  }
  return JSON.parse(stdout) as RunDocument;
}

function savedPlan(file: string): SealedPlan {
  return JSON.parse(readFileSync(join(project, file), 'utf8')) as SealedPlan;
}

const appliedIds = ({ hosts }: RunDocument) => HOSTS.map((host) => hosts[host]?.applied.map(({ id }) => id));

function look() {
  return Promise.all(HOSTS.map((host) => onHost(LAB, host, METADATA).then(parseSnapshot)));
}

async function untouched(work: () => Promise<void>): Promise<void> {
  const before = await look();
  await work();
  const after = await look();
  expect(before[0]?.size).toBeGreaterThan(500);
  expect(
    HOSTS.flatMap((_, index) => differingPaths(before[index] ?? new Map(), after[index] ?? new Map())),
  ).toEqual([]);
}

describe.skipIf(cannotRunLab)('a saved plan', () => {
  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'run-playbook-plan-'));
    Object.entries(FILES).forEach(([path, text]) => write(path, text));
    write('.env', `TOKEN='${FIRST.replaceAll("'", '')}'\n`);
    mkdirSync(join(project, 'node_modules'));
    symlinkSync(PACKAGE, join(project, 'node_modules/run-playbook'));
    await labUp({ name: LAB });
  });

  afterAll(async () => {
    await labDown({ name: LAB });
    rmSync(project, { recursive: true, force: true });
    rmSync(STATE, { recursive: true, force: true });
  });

  test('names every object of every host, for this user only, and leaves the hosts alone', async () => {
    await untouched(async () => {
      expect(await cli(['plan', 'note', '-o', 'a.plan', '-vv', '--diff'])).toMatchObject({ code: 2 });
    });
    expect(statSync(join(project, 'a.plan')).mode & 0o777).toBe(0o600);
    expect(readdirSync(project).filter((name) => name.startsWith('a.plan'))).toEqual(['a.plan']);
    expect(savedPlan('a.plan').hosts.map(({ host, changes }) => [host, changes.map(({ id }) => id)])).toEqual(
      HOSTS.map((host) => [host, IDS]),
    );
  });

  test('is refused when the host has moved, by host and object, and nothing is touched on either', async () => {
    await onHost(LAB, 'svr2', 'echo by hand >/etc/mark');
    await untouched(async () => {
      const { exit, errors } = await json('apply', 'a.plan');
      expect(exit).toBe(7);
      expect(errors).toMatchObject([
        {
          host: 'svr2',
          resource: 'task mark',
          why: [
            'task mark: the host has changed: planned "not as wanted -> done", and so now, but not the same',
          ],
        },
      ]);
    });
    await onHost(LAB, 'svr2', 'rm /etc/mark');
  });

  test('is refused when the repository has moved, by object, and nothing is touched', async () => {
    const path = 'roles/note/templates/text.ejs';
    write(path, (FILES[path] ?? '').replace('one', 'two'));
    await untouched(async () => {
      const { exit, errors } = await json('apply', 'a.plan');
      expect(exit).toBe(7);
      expect(errors).toMatchObject(
        HOSTS.map((host) => ({
          host,
          resource: 'files note',
          why: [expect.stringContaining('the playbook, a role or the inventory has changed')],
        })),
      );
    });
    write(path, FILES[path] ?? '');
  });

  test('is refused when a secret has moved, by object, and neither value is told', async () => {
    write('.env', `TOKEN='${SECOND}'\n`);
    const { exit, errors } = await json('apply', 'a.plan');
    expect([exit, errors.map(({ resource }) => resource)]).toEqual([
      7,
      ['files token, task mark', 'files token, task mark'],
    ]);
    write('.env', `TOKEN='${FIRST.replaceAll("'", '')}'\n`);
  });

  test('is refused when it was edited', async () => {
    const text = readFileSync(join(project, 'a.plan'), 'utf8');
    write('edited.plan', text.replace('"host": "svr1"', '"host": "svr2"'));
    expect(await json('apply', 'edited.plan')).toMatchObject({ exit: 5, hosts: {} });
  });

  test('is applied: exactly that, and not a second time', async () => {
    const applied = await json('apply', 'a.plan', '--yes');
    expect(applied).toMatchObject({ exit: 0, playbook: 'note', check: false, errors: [] });
    expect(appliedIds(applied)).toEqual([IDS, IDS]);
    expect(await onHost(LAB, 'svr1', 'cat /etc/note/note /etc/mark')).toBe('one svr1\nset');
    expect(await onHost(LAB, 'svr1', 'cat /etc/token/token')).toBe(FIRST.replaceAll("'", ''));
    expect(await json('apply', 'a.plan')).toMatchObject({ exit: 7 });
  });

  test('with nothing to change is saved and applied', async () => {
    expect(await json('plan', 'note', '-o', 'clean.plan')).toMatchObject({ exit: 0 });
    expect(savedPlan('clean.plan').hosts.map(({ changes }) => changes)).toEqual([[], []]);
    expect(await json('apply', 'clean.plan')).toMatchObject({ exit: 0, errors: [] });
  });

  test('is signed, and goes to another checkout with another user, by a key that both know', async () => {
    const { private: privateKey, public: publicKey } = utils.generateKeyPairSync('ed25519');
    write('signer', privateKey);
    write('signer.pub', publicKey);
    const both = { RUN_PLAYBOOK_PLAN_KEY: 'a key that two machines know, of some length' };
    const other = mkdtempSync(join(tmpdir(), 'run-playbook-plan-other-'));
    const there = { ...both, XDG_STATE_HOME: join(other, 'state') };
    const signed = ['--require-signed-by', 'signer.pub'];
    const options = ['-l', 'svr2', '-t', 'task', '-e', 'note.mark=other'];
    expect(await cli(['plan', 'note', '-o', 'b.plan', '--sign', 'signer', ...options], both)).toMatchObject({
      code: 2,
    });
    expect(await cli(['plan', 'note', '-o', 'unsigned.plan', ...options], both)).toMatchObject({ code: 2 });
    cpSync(project, other, { recursive: true, verbatimSymlinks: true });
    const refused = await cli(['apply', 'unsigned.plan', ...signed], there, other);
    expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining('is not signed')]);
    const keyless = { ...there, RUN_PLAYBOOK_PLAN_KEY: '' };
    expect(await cli(['apply', 'b.plan', ...signed], keyless, other)).toMatchObject({ code: 5 });
    const { code, stdout } = await cli(['apply', 'b.plan', '--json', ...signed], there, other);
    rmSync(other, { recursive: true, force: true });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).hosts).toMatchObject({ svr2: { applied: [{ id: 'task mark' }] } });
    expect(await onHost(LAB, 'svr1', 'cat /etc/mark')).toBe('set');
    expect(await onHost(LAB, 'svr2', 'cat /etc/mark')).toBe('other');
  });

  test('holds no secret, neither the one that is there nor the one that comes; nor does anything printed', async () => {
    write('.env', `TOKEN='${SECOND}'\n`);
    expect(await cli(['plan', 'note', '-o', 'secret.plan', '-vv', '--diff'])).toMatchObject({ code: 2 });
    const text = readFileSync(join(project, 'secret.plan'), 'utf8');
    expect(text).toContain('files token');
    expect(
      await cli(['plan', 'note', '-o', 'x.plan', '-e', JSON.stringify({ note: { token: FIRST } })]),
    ).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('--extra-vars note: holds a secret'),
    });
    expect(printed).toContain('[secret]');
    const plans = readdirSync(project).filter((name) => name.endsWith('.plan'));
    expect(plans.length).toBeGreaterThan(4);
    const texts = plans.map((name) => readFileSync(join(project, name), 'utf8'));
    expect([printed, ...texts].filter((each) => /CANARY|pwned/.test(each))).toEqual([]);
    const key = readFileSync(join(STATE, 'run-playbook/plan-key'), 'utf8').trim();
    expect([printed, ...texts].filter((each) => each.includes(key))).toEqual([]);
  });
});
