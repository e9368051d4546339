import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinScripts, rawScript, sh, type Script } from '../../src/core/script.ts';
import { applyService, type ServiceWork } from '../../src/resources/service-scripts.ts';
import { runLocally } from '../local-shell.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'run-playbook-'));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

const WORK: ServiceWork = {
  name: 'own',
  before: {
    load: 'loaded',
    active: 'active',
    sub: 'running',
    unitFile: 'enabled',
    fragment: '/lib/systemd/system/own.service',
    dropIns: [],
    needsDaemonReload: false,
    restarts: 0,
  },
  foreign: [],
  unmask: false,
  daemonReload: false,
  enable: false,
  start: false,
  reload: false,
  onChange: 'reload',
};

/**
 * What the real script makes of a systemd that `behaves` so, on a host whose uptime a try moves on by 2 s;
 * `live` is a file that is there once the wanted configuration is.
 */
async function run(work: Partial<ServiceWork>, behaves: Script) {
  const directory = mkdtempSync(join(root, 'run-'));
  const live = join(directory, 'live');
  const log = join(directory, 'log');
  const stubs = sh`set -eu
RP_UNDO=${directory}; log=${log}; live=${live}; now=1000
cut() { echo "$now"; }
sleep() { now=$((now + 2)); }
journalctl() { echo 'last words'; }
systemctl() {
  [ "$1" = is-active ] || echo "$*" >>"$log"
  ${behaves}
}`;
  const script = applyService({ ...WORK, live: sh`[ -e ${live} ]`, ...work });
  const { exit, stderr } = await runLocally(joinScripts([stubs, sh`: >"$log"`, script]));
  return {
    exit,
    stderr: stderr.trimEnd().split('\n'),
    asked: readFileSync(log, 'utf8').trimEnd().split('\n'),
  };
}

test('a reload that brings the new configuration is all', async () => {
  expect(await run({ reload: true }, rawScript('case $1 in reload) touch "$live";; esac'))).toMatchObject({
    exit: 0,
    asked: ['reload own.service'],
  });
});

test('a reload that is accepted and not made, as of a listener, becomes a restart', async () => {
  expect(await run({ reload: true }, rawScript('case $1 in restart) touch "$live";; esac'))).toMatchObject({
    exit: 0,
    asked: ['reload own.service', 'restart own.service'],
    stderr: ['own.service: the reload did not bring the new configuration, restarting'],
  });
});

test('where a restart could only do harm, a reload that is not made is an error', async () => {
  expect(await run({ reload: true, onChange: 'reload-only' }, rawScript(':'))).toMatchObject({
    exit: 1,
    asked: ['reload own.service'],
    stderr: ['own.service did not load the new configuration, and goes on with the one before', 'last words'],
  });
});

test('a reload that fails is an error with the last words of the service, not a restart', async () => {
  expect(await run({ reload: true }, rawScript('[ "$1" != reload ]'))).toMatchObject({
    exit: 1,
    asked: ['reload own.service'],
    stderr: ['own.service did not reload', 'last words'],
  });
});

test('a restart that does not bring it either is an error', async () => {
  expect(await run({ reload: true, onChange: 'restart' }, rawScript(':'))).toMatchObject({
    exit: 1,
    asked: ['restart own.service'],
    stderr: ['own.service restarted, but does not serve the new configuration', 'last words'],
  });
});

test('a service that starts and dies again did not start', async () => {
  expect(await run({ start: true }, rawScript('[ "$1" != is-active ]'))).toMatchObject({
    exit: 1,
    asked: ['reset-failed own.service', 'start own.service'],
    stderr: ['own.service started, but does not serve the new configuration', 'last words'],
  });
});

test('where processes are told apart, a reload counts once another one serves, however live the one before looks', async () => {
  const work = { reload: true, onChange: 'reload-only', live: sh`:` } as const;
  const process = rawScript('cat "$live" 2>/dev/null || echo 1');
  expect(await run(work, sh`:`)).toMatchObject({ exit: 0 });
  expect(await run({ ...work, process }, sh`:`)).toMatchObject({
    exit: 1,
    stderr: ['own.service did not load the new configuration, and goes on with the one before', 'last words'],
  });
  const replaced = rawScript('case $1 in reload) echo 2 >"$live";; esac');
  expect(await run({ ...work, process }, replaced)).toMatchObject({ exit: 0 });
  const silenced = rawScript('case $1 in reload) : >"$live";; esac');
  expect(await run({ ...work, process }, silenced)).toMatchObject({ exit: 1 });
});

test('the least is done: enabling alone neither reloads nor starts', async () => {
  expect((await run({ enable: true }, rawScript('[ "$1" != is-enabled ]'))).asked).toEqual([
    'is-enabled -q own.service',
    'enable -q own.service',
  ]);
});
