import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostFailed } from '../../src/core/error.ts';
import type { Change, Resource } from '../../src/core/resource.ts';
import { fileSet, rawScript, service, sh } from '../../src/index.ts';
import { runAction } from '../../src/stages/apply.ts';
import { cannotRunLab, ContractHost } from './host.ts';
import { differingPaths } from './snapshot.ts';

const GOOD = 'events {}\nhttp {\n  include sites-enabled/*;\n}\n';

let host: ContractHost;

beforeAll(async () => {
  if (cannotRunLab) return;
  host = await ContractHost.start('files');
  await host.run('DEBIAN_FRONTEND=noninteractive apt-get install -y -q nginx keepalived >/dev/null 2>&1');
});

afterAll(async () => {
  await host?.stop();
});

async function planned(resource: Resource): Promise<Change> {
  const { step } = await host.read(resource);
  if (step.is !== 'change') {
    throw new Error(`${resource.id} plans ${step.is}`);
  }
  return step.change;
}

/** The error that applying ends with. */
async function refused(resource: Resource): Promise<HostFailed> {
  const { apply } = await planned(resource);
  const error: unknown = await runAction(apply, resource, host.newRun(), 60_000).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HostFailed)) {
    throw new Error('it was applied', { cause: error });
  }
  return error;
}

/** Paths that are not as before; aside from the engine's own and from what `nginx -t` does to nginx's temporary directories. A stage beside the root passes through its parent directory. */
async function touchedBy(work: () => Promise<unknown>, parent: string): Promise<readonly string[]> {
  const before = await host.snapshot();
  await work();
  const after = await host.snapshot();
  return differingPaths(before, after, (path) => (path === parent ? ['modified', 'changed'] : [])).filter(
    (path) => !/^\/var\/lib(\/run-playbook.*|\/nginx.*)?$/.test(path),
  );
}

const invalidNginx = fileSet({
  name: 'nginx',
  root: '/etc/nginx',
  files: {
    'nginx.conf': { content: GOOD },
    'sites-enabled/own.conf': { content: 'server {\n  listen 80;\n  lisen 81;\n}\n' },
    'sites-enabled/default': { absent: true },
    'deep/er/file.conf': { content: 'x\n' },
  },
  validate: sh`nginx -t -q -c "$RP_ROOT/nginx.conf"`,
  after: rawScript('touch /etc/run-after-an-invalid-set'),
  loadedBy: 'nginx',
});

const invalidKeepalived = fileSet({
  name: 'keepalived',
  root: '/etc/keepalived',
  files: { 'keepalived.conf': { content: 'vrrp_instance VI_1 {\n    stat BACKUP\n}\n', mode: '0600' } },
  validate: sh`( trap '' TERM; keepalived -t -f "$RP_ROOT/keepalived.conf" )`,
});

const invalidNew = fileSet({
  name: 'new',
  root: '/usr/local/rp-new/deep',
  files: { 'a/b': { content: 'x\n' } },
  validate: sh`echo "$RP_ROOT/a/b:1: no good" >&2; exit 9`,
});

describe.skipIf(cannotRunLab)('a set that is not valid', () => {
  test.each([
    ['nginx', invalidNginx, '/etc', /unknown directive "lisen" in \/etc\/nginx\/sites-enabled\/own\.conf:3/],
    [
      'keepalived',
      invalidKeepalived,
      '/etc',
      /\/etc\/keepalived\/keepalived\.conf: Line 2\) Unknown keyword 'stat'/,
    ],
    ['a root that is not there', invalidNew, '/usr/local', /\/usr\/local\/rp-new\/deep\/a\/b:1: no good/],
  ])(
    'leaves every byte untouched, and the error names the real path and line: %s',
    async (_, set, parent, told) => {
      let error: HostFailed | undefined;
      const touched = await touchedBy(async () => {
        error = await refused(set);
      }, parent);
      expect(touched).toEqual([]);
      expect(error?.trouble).toMatchObject({
        resource: set.id,
        what: 'the staged configuration is not valid, nothing was installed',
        ended: 'exit 65',
      });
      expect(error?.trouble.why?.join('\n')).toMatch(told);
      expect(error?.trouble.why?.join('\n')).not.toContain('run-playbook.');
    },
  );
});

describe.skipIf(cannotRunLab)('a set that is valid', () => {
  const valid = fileSet({
    name: 'nginx',
    root: '/etc/nginx',
    files: {
      'nginx.conf': { content: 'events {}\nhttp {\n  include sites-enabled/*.conf;\n}\n' },
      'sites-enabled/own.conf': { content: 'server {\n  listen 8081;\n  return 200 "new\\n";\n}\n' },
    },
    validate: sh`nginx -t -q -c "$RP_ROOT/nginx.conf"`,
    loadedBy: 'nginx',
  });
  const ask = `exec 3<>/dev/tcp/127.0.0.1/8081 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;
  const nginx = service({
    name: 'nginx',
    loads: [valid],
    live: sh`timeout 2 bash -c ${ask} | grep -qx new`,
  });

  test('clears what a run that was killed left beside its place', async () => {
    await host.run('mkdir /etc/nginx.run-playbook.Ab12Cd; echo x >/etc/nginx.run-playbook.Ab12Cd/nginx.conf');
    const touched = await touchedBy(async () => {
      const { apply } = await planned(valid);
      await runAction(apply, valid, host.newRun(), 60_000);
    }, '/etc');
    expect(touched).toEqual([
      '/etc/nginx',
      '/etc/nginx.run-playbook.Ab12Cd',
      '/etc/nginx.run-playbook.Ab12Cd/nginx.conf',
      '/etc/nginx/nginx.conf',
      '/etc/nginx/sites-enabled',
      '/etc/nginx/sites-enabled/own.conf',
    ]);
    await host.run(
      'rm /etc/nginx/sites-enabled/own.conf; apt-get install -y -q --reinstall -o Dpkg::Options::=--force-confnew nginx-common >/dev/null 2>&1',
    );
  });

  test('and the service that loads it, undone files first: the process runs with the former files again', async () => {
    await host.run(`printf 'events {}\nhttp {\n server {\n  listen 8081;\n  return 200 "old\\\\n";\n }\n}\n' >/etc/nginx/nginx.conf
systemctl restart nginx`);
    const asked = () => host.run(`timeout 2 bash -c '${ask.replaceAll("'", `'\\''`)}' | tail -1`);
    const loadOld = service({
      name: 'nginx',
      loads: [fileSet({ name: 'old', root: '/etc/nginx', files: {}, loadedBy: 'nginx' })],
    });
    await runAction((await planned(loadOld)).apply, loadOld, host.newRun(), 60_000);
    const before = [await host.read(valid), await host.read(nginx)].map(({ answers }) => answers);
    const [filesRun, serviceRun] = [host.newRun(), host.newRun()];
    const filesChange = await planned(valid);
    await runAction(filesChange.apply, valid, filesRun, 60_000);
    const serviceChange = await planned(nginx);
    await runAction(serviceChange.apply, nginx, serviceRun, 60_000);
    // A worker of before answers until it has heard that it is to go.
    await expect.poll(asked, { timeout: 5000 }).toBe('new\n');
    for (const [change, resource, run] of [
      [filesChange, valid, filesRun],
      [serviceChange, nginx, serviceRun],
    ] as const) {
      await runAction(change.undo ?? sh`false`, resource, run, 60_000);
    }
    await expect.poll(asked, { timeout: 5000 }).toBe('old\n');
    expect([await host.read(valid), await host.read(nginx)].map(({ answers }) => answers)).toEqual(before);
  });
});
