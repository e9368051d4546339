import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { labDown, labUp } from '../../scripts/lab/index.ts';
import type { Role } from '../../src/index.ts';
import type { Data } from '../golden/case.ts';
import { planRoles } from '../golden/role-case.ts';
import { readPage, untimed } from './support/page.ts';
import { cannotRunLab } from './support/pair.ts';
import { run } from './support/run.ts';

const LAB = `t-docs-${process.pid}`;
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const TOKEN = 'not-to-be-seen';

const { files, commands } = readPage(join(PACKAGE, 'docs/writing-a-role.md'));

/** How the commands of the page end, in their order. */
const EXITS = [0, 5, 2, 0, 0, 2];

/** What the page does not show. */
const BESIDE: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'playbooks/reporter.ts': `import { playbook } from 'run-playbook';
import reporter from '../roles/reporter/index.ts';
export default playbook({ name: 'reporter', description: '', hosts: 'web', roles: [reporter] });
`,
  'inventory/group_vars/web.yml': 'reporter: { token: "${REPORTER_TOKEN}" }\n',
  '.env': `REPORTER_TOKEN=${TOKEN}\n`,
};

describe('the project of docs/writing-a-role.md', () => {
  let dir = '';

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text, { mode: path === '.env' ? 0o600 : 0o644 });
  }

  function types() {
    return run([join(PACKAGE, 'node_modules/.bin/tsc'), '-p', dir]);
  }

  function runPlaybook(command: string) {
    const args = command.split(' ').filter((word) => word !== 'npx' && word !== 'run-playbook');
    const env = { ...process.env, RUN_PLAYBOOK_LAB: LAB, XDG_CACHE_HOME: join(dir, 'cache') };
    return run([process.execPath, join(PACKAGE, 'bin/run-playbook.js'), ...args], { cwd: dir, env });
  }

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'run-playbook-docs-'));
    Object.entries({ ...files, ...BESIDE }).forEach(([path, text]) => write(path, text));
    // As `npm install ../run-playbook` leaves it.
    mkdirSync(join(dir, 'node_modules'));
    symlinkSync(PACKAGE, join(dir, 'node_modules/run-playbook'));
  });

  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('compiles against the types of the package', async () => {
    expect(await types()).toMatchObject({ code: 0, stdout: '' });
  });

  it('would not compile with a mistake in it', async () => {
    const role = files['roles/clock/index.ts'] ?? '';
    write(
      'roles/wrong/index.ts',
      role.replace('known.exitCode', 'known.exitCod').replaceAll('./', '../clock/'),
    );
    const { code, stdout } = await types();
    rmSync(join(dir, 'roles/wrong'), { recursive: true });
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/error TS2551: Property 'exitCod' does not exist/);
  });

  it('plans what its golden case says', async () => {
    const { default: clock } = (await import(
      /* @vite-ignore */ pathToFileURL(join(dir, 'roles/clock/index.ts')).href
    )) as { readonly default: Role };
    const golden = parse(files['test/golden/clock/other-zone.yml'] ?? '') as Data;
    const { about: _, expect: follows, ...given } = golden;
    expect(JSON.parse(JSON.stringify(planRoles({ roles: [clock] }, given)))).toEqual(follows);
    expect(planRoles({ roles: [clock] }, { from: 'converged' })).toEqual({ plan: [] });
  });

  describe.skipIf(cannotRunLab)('on the lab', () => {
    beforeAll(() => labUp({ name: LAB }));
    afterAll(() => labDown({ name: LAB }));

    it('has a known exit code for each command', () => {
      expect(commands.length).toBe(EXITS.length);
    });

    it.each(commands.map(({ command, output }, index) => [command, output, EXITS[index]] as const))(
      '%s prints what the page shows',
      async (command, output, exit) => {
        const { code, stdout, stderr } = await runPlaybook(command);
        expect(untimed(stdout === '' ? stderr : stdout)).toBe(untimed(output));
        expect(code).toBe(exit);
      },
    );

    it('shows no secret, and writes it', async () => {
      const planned = await runPlaybook('run-playbook reporter --check --diff');
      const applied = await runPlaybook('run-playbook reporter --diff -vv');
      expect([planned.code, applied.code]).toEqual([2, 0]);
      expect(planned.stdout).toContain('+[secret]');
      const told = [planned, applied].map(({ stdout, stderr }) => stdout + stderr).join('');
      expect(told).not.toContain(TOKEN);
      const { stdout } = await runPlaybook('run-playbook lab exec svr1 -- stat -c %a,%s /etc/reporter/token');
      expect(stdout).toBe(`600,${TOKEN.length + 1}\n`);
    });
  });
});
