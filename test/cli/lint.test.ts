import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LintDocument } from '../../src/report/lint-document.ts';
import { runMain } from './in-process.ts';

let cwd: string;

/** Nothing listens there, and the machine says so at once. */
const INVENTORY = `all:
  vars: { ansible_user: root }
  children:
    web:
      hosts:
        svr1: { ansible_host: 127.0.0.1, ansible_port: 1 }
        svr2: { ansible_host: 127.0.0.2, ansible_port: 1 }
      vars:
        keepalived:
          vips: [{ address: 192.0.2.130 }]
          advert_int: 0.05
`;

/** A playbook of the project's own whose rule needs no host, and that is for other hosts than the shipped ones. */
const OWN = `import { playbook, role, v } from 'run-playbook';
const clock = role({
  name: 'clock',
  description: 'a clock',
  vars: v.strictObject({ zone: v.optional(v.string(), 'UTC') }),
  rules: [{ code: 'CLK1', title: 'A zone that nobody knows', level: 'refuse', why: 'It is unknown.', fix: 'Use UTC.' }],
  objections: ({ vars }) => (vars.zone === 'UTC' ? [] : [{ rule: 'CLK1', path: 'clock.zone', what: 'is ' + vars.zone }]),
  resources: () => [],
});
export default playbook({ name: 'clock', description: 'clocks', hosts: 'clocks', roles: [clock] });
`;

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
}

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'run-playbook-lint-'));
  await write({
    'inventory/hosts.yml': INVENTORY,
    'inventory/clocks.yml':
      'clocks: { vars: { ansible_user: root }, hosts: { a: { clock: { zone: Mars } } } }\n',
    'playbooks/clock.mjs': OWN,
    'package.json': '{ "type": "module" }',
  });
});

afterAll(() => rm(cwd, { recursive: true }));

describe('lint', () => {
  it('tells what the variables break although no host answers, and exits with 4', async () => {
    const { exit, stdout, stderr } = await runMain(['lint', 'phase1', '--json'], { cwd });
    const document = JSON.parse(stdout) as LintDocument;
    expect(stderr).toBe('');
    expect({ exit, documented: document.exit, surveyed: document.surveyed }).toEqual({
      exit: 4,
      documented: 4,
      surveyed: [],
    });
    expect(document.findings.map(({ code, from }) => [code, from])).toEqual([
      ['HA112', 'inventory/hosts.yml:11:23'],
    ]);
    expect(document.errors.map(({ host }) => host)).toEqual(['svr1', 'svr2']);
  });

  it('without a playbook looks at all whose hosts there are, and exits with 5 when one would be refused', async () => {
    const { exit, stdout } = await runMain(['lint', '-e', 'keepalived.version=2'], { cwd });
    expect(exit).toBe(5);
    expect(stdout).toContain(
      'HA118 refuse  keepalived.advert_int: is 0.05, and VRRP version 2 knows whole seconds only',
    );
    expect(stdout).toMatch(/^lint phase1, phase2: 1 refused, 1 warning, 2 errors; \d+ rules, no host asked/m);
  });

  it('tells of variables that are not valid at all, and of a playbook that is not there', async () => {
    const invalid = await runMain(['lint', '-e', 'keepalived.vrsion=2', '--json'], { cwd });
    const { errors } = JSON.parse(invalid.stdout) as LintDocument;
    expect(invalid.exit).toBe(5);
    expect(errors.map(({ what }) => what)).toEqual(['keepalived.vrsion: there is no such variable']);
    const unknown = await runMain(['lint', 'phase3', '--json'], { cwd });
    expect(unknown.exit).toBe(5);
    expect((JSON.parse(unknown.stdout) as LintDocument).errors[0]?.hint).toBe('did you mean phase1?');
  });

  it("knows the project's own rules, and asks no host where no role has something to ask", async () => {
    const { exit, stdout } = await runMain(['lint', '-i', 'inventory/clocks.yml'], { cwd });
    expect(exit).toBe(5);
    expect(stdout).toContain('CLK1 refuse  a clock.zone: is Mars');
    expect(stdout).toContain('lint clock: 1 refused; 1 rule, no host asked');
  });
});

describe('a run', () => {
  it('is refused by the same rule, with its code', async () => {
    const { exit, stdout, stderr } = await runMain(
      ['phase1', '--check', '--json', '-e', 'keepalived.version=2'],
      {
        cwd,
      },
    );
    expect(exit).toBe(5);
    expect(stderr).toContain('more  run-playbook explain HA118');
    expect(
      (JSON.parse(stdout) as { readonly errors: readonly { readonly code?: string }[] }).errors,
    ).toMatchObject([{ code: 'HA118', from: 'inventory/hosts.yml:11:23' }]);
  });

  it('shows what is only warned of', async () => {
    const { stdout } = await runMain(['phase1', '--check', '--json'], { cwd });
    const { warnings } = JSON.parse(stdout) as { readonly warnings: readonly { readonly code: string }[] };
    expect(warnings.map(({ code }) => code)).toEqual(['HA112']);
  });
});

describe('explain', () => {
  it('tells the long form of a code, whatever its case, without an inventory', async () => {
    const { exit, stdout } = await runMain(['explain', 'ha102'], { cwd: tmpdir() });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^HA102 {2}refuse {2}nopreempt with a weight/);
    expect(stdout).toContain('\n    keepalived:\n      checks:\n        check_nginx: {}\n');
  });

  it("lists all codes, the project's own too", async () => {
    const { exit, stdout } = await runMain(['explain'], { cwd });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^CLK1 {3}refuse {2}A zone that nobody knows$/m);
    expect(stdout).toMatch(/^HA101 {2}refuse {2}/m);
  });

  it.each([
    ['HA1O2', 'did you mean HA102'],
    ['102', 'did you mean HA102?'],
    ['nonsense', 'see all: run-playbook explain'],
  ])('knows no %s', async (code, hint) => {
    const { exit, stdout, stderr } = await runMain(['explain', code], { cwd });
    expect({ exit, stdout }).toEqual({ exit: 5, stdout: '' });
    expect(stderr).toContain(`there is no rule ${code}`);
    expect(stderr).toContain(hint);
  });

  it('a playbook that cannot be loaded keeps nobody from the other rules', async () => {
    await write({ 'playbooks/broken.mjs': 'export default 1;\n' });
    const { exit, stdout, stderr } = await runMain(['explain', 'HA101'], { cwd });
    await rm(join(cwd, 'playbooks/broken.mjs'));
    expect(exit).toBe(0);
    expect(stdout).toContain('HA101');
    expect(stderr).toContain('its default export is not a playbook');
  });
});
