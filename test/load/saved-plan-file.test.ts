import { generateKeyPairSync } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utils } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../src/core/error.ts';
import type { SavedPlan } from '../../src/core/saved-plan.ts';
import {
  openPlan,
  readPlanFile,
  refuseForeignFile,
  refuseWrongSignature,
  sealedText,
  writePlanFile,
} from '../../src/load/saved-plan-file.ts';
import { planKey } from '../../src/load/saved-plan-key.ts';
import { loadPublicKey, loadSigner } from '../../src/load/saved-plan-signature.ts';
import { printed, project } from './project.ts';

const keyNamed = (value: string) =>
  planKey({ projectDir: '/nowhere', env: { RUN_PLAYBOOK_PLAN_KEY: value.repeat(32) }, file: '/nowhere' });

const KEY = await keyNamed('k');

const digest = KEY.digest('x');

const PLAN: SavedPlan = {
  format: 'run-playbook plan',
  version: 1,
  program: '0.1.0',
  madeAt: '2026-01-31T03:00:00Z',
  madeBy: 'root@control',
  key: KEY.id,
  arguments: { playbook: 'phase1', limit: 'svr1', tags: [], skipTags: [], extraVars: ['nginx.port=8080'] },
  playbook: { name: 'phase1', digest },
  hosts: [
    {
      host: 'svr1',
      target: 'deploy@192.0.2.1:22',
      connection: digest,
      variables: digest,
      changes: [
        { id: 'files nginx', summary: '1 to write “…”', reads: digest, observed: digest, change: digest },
      ],
    },
  ],
};

const TEXT = sealedText(PLAN, KEY, undefined);

const OPENSSH = {
  own: utils.generateKeyPairSync('ed25519', { comment: 'a person' }),
  other: utils.generateKeyPairSync('ed25519'),
  closed: utils.generateKeyPairSync('ed25519', { passphrase: 'p', cipher: 'aes256-ctr', rounds: 1 }),
  rsa: utils.generateKeyPairSync('rsa', { bits: 2048 }),
};
const SPKI = { format: 'pem', type: 'spki' } as const;
const PKCS8 = { format: 'pem', type: 'pkcs8' } as const;
const PEM = generateKeyPairSync('ed25519', { publicKeyEncoding: SPKI, privateKeyEncoding: PKCS8 });
const RSA = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: SPKI,
  privateKeyEncoding: PKCS8,
});

/** Paths of key files: ed25519 of OpenSSH and PEM, and what is refused. */
async function keys(): Promise<(name: string) => string> {
  const dir = await project({
    openssh: OPENSSH.own.private,
    'openssh.pub': `${OPENSSH.own.public}\n`,
    other: OPENSSH.other.private,
    'other.pub': `${OPENSSH.other.public}\n`,
    closed: OPENSSH.closed.private,
    cut: OPENSSH.own.private.split('\n').toSpliced(2, 3).join('\n'),
    'rsa.openssh': OPENSSH.rsa.private,
    pem: PEM.privateKey,
    'pem.pub': PEM.publicKey,
    rsa: RSA.privateKey,
    'rsa.pub': RSA.publicKey,
    text: 'no key at all\n',
  });
  return (name) => join(dir, name);
}

test('a plan comes out of its text as it went in', () => {
  const { seal, ...plan } = openPlan('f', TEXT, KEY);
  expect(plan).toEqual(PLAN);
  expect(seal).toMatch(/^[0-9a-f]{64}$/);
});

test('any single byte changed, left out or put in is refused, and told what is wrong', async () => {
  const at = await keys();
  const signed = sealedText(PLAN, KEY, await loadSigner(at('openssh')));
  const bytes = Buffer.from(signed);
  const told = new Set<string>();
  const accepted: number[] = [];
  for (let index = 0; index < bytes.length; index++) {
    const edits = [
      bytes.with(index, (bytes[index] ?? 0) ^ 1),
      bytes.with(index, (bytes[index] ?? 0) ^ 0x20),
      Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + 1)]),
      Buffer.concat([bytes.subarray(0, index), Buffer.from(' '), bytes.subarray(index)]),
    ];
    for (const edited of edits) {
      try {
        openPlan('f', Buffer.from(edited).toString('utf8'), KEY);
        accepted.push(index);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInput);
        told.add((error as InvalidInput).trouble.what.replaceAll(/version .*/g, 'version'));
      }
    }
  }
  expect(accepted).toEqual([]);
  expect([...told].toSorted()).toEqual([
    'f: is a plan of version',
    'f: is no saved plan',
    'f: is no saved plan, or was changed: not JSON',
    'f: was changed after it was saved: its seal does not fit its content',
    'f: was sealed with another key than the one here',
  ]);
});

test('the same content written otherwise is refused too', async () => {
  const squeezed = TEXT.replace('"tags": []', '"tags":  []');
  expect(JSON.parse(squeezed)).toEqual(JSON.parse(TEXT));
  expect(await printed(() => openPlan('f', squeezed, KEY))).toBe(
    `f: was changed after it was saved: its seal does not fit its content
  why   it is not even written as run-playbook writes plans
  do    save a new plan: run-playbook plan PLAYBOOK -o FILE`,
  );
});

test('a plan sealed with another key is refused', async () => {
  const other = await keyNamed('o');
  expect(await printed(() => openPlan('f', TEXT, other))).toContain('was sealed with another key');
});

test('what has a right seal and the wrong shape is refused with where', async () => {
  const odd = { ...PLAN, hosts: [{ host: 'svr1' }], more: 1 } as unknown as SavedPlan;
  const error = await printed(() => openPlan('f', sealedText(odd, KEY, undefined), KEY));
  expect(error).toContain('f: is sealed, but is no plan');
  expect(error).toContain('hosts.0.target: ');
});

describe('signatures', () => {
  test.each(['openssh', 'pem'])('of a key in the form %s', async (form) => {
    const at = await keys();
    const plan = openPlan('f', sealedText(PLAN, KEY, await loadSigner(at(form))), KEY);
    expect(plan.signature?.publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68}$/);
    refuseWrongSignature('f', plan, undefined);
    refuseWrongSignature('f', plan, await loadPublicKey(at(`${form}.pub`)));
    const other = await loadPublicKey(at('other.pub'));
    expect(await printed(() => refuseWrongSignature('f', plan, other))).toContain(
      'f: is signed by another key',
    );
  });

  test('an unsigned plan is refused where a signature is wanted', async () => {
    const at = await keys();
    const wanted = await loadPublicKey(at('openssh.pub'));
    const plan = openPlan('f', TEXT, KEY);
    refuseWrongSignature('f', plan, undefined);
    expect(await printed(() => refuseWrongSignature('f', plan, wanted))).toContain('f: is not signed');
  });

  test('who has the key of the seal, but not the one that signs, cannot change a signed plan', async () => {
    const at = await keys();
    const { signature } = openPlan('f', sealedText(PLAN, KEY, await loadSigner(at('openssh'))), KEY);
    const changed = { ...PLAN, madeBy: 'somebody', signature } as SavedPlan;
    const plan = openPlan('f', sealedText(changed, KEY, undefined), KEY);
    const required = await loadPublicKey(at('openssh.pub'));
    for (const wanted of [undefined, required]) {
      expect(await printed(() => refuseWrongSignature('f', plan, wanted))).toContain(
        'f: its signature does not fit its content',
      );
    }
  });

  test.each([
    ['closed', 'why   it has a passphrase, and nobody is asked for one'],
    ['rsa', '--sign FILE: is a key of type rsa'],
    ['rsa.openssh', 'why   it is of type ssh-rsa'],
    ['cut', '--sign FILE: cannot be read as a key'],
    ['text', '--sign FILE: cannot be read as a key'],
    ['openssh.pub', '--sign FILE: cannot be read as a key'],
    ['nothing', '--sign FILE: cannot be read'],
  ])('are not made with %s', async (name, why) => {
    const at = await keys();
    const error = await printed(() => loadSigner(at(name)));
    expect(error.replaceAll(at(name), 'FILE')).toContain(why);
    expect(error).toContain('ssh-keygen -t ed25519');
  });

  test.each([
    ['openssh', '--require-signed-by FILE: is a private key'],
    ['rsa.pub', '--require-signed-by FILE: is a key of type rsa'],
    ['text', '--require-signed-by FILE: cannot be read as a key'],
  ])('are not verified with %s', async (name, why) => {
    const at = await keys();
    expect((await printed(() => loadPublicKey(at(name)))).replaceAll(at(name), 'FILE')).toContain(why);
  });

  test('a key of OpenSSH is read to the last bit', async () => {
    const at = await keys();
    const { publicKey } = (await loadSigner(at('openssh')))('x');
    const line = await readFile(at('openssh.pub'), 'utf8');
    expect(line.startsWith(`${publicKey} `)).toBe(true);
  });
});

describe('the file', () => {
  test('is for this user only, whole, and replaces a plan', async () => {
    const dir = await project({});
    const file = join(dir, 'a.plan');
    await refuseForeignFile(file);
    await writePlanFile(file, TEXT);
    await refuseForeignFile(file);
    await writePlanFile(file, TEXT);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readPlanFile(file)).toBe(TEXT);
    expect(await readdir(dir)).toEqual(['a.plan']);
  });

  test('is not written over what is no plan', async () => {
    const dir = await project({ 'hosts.yml': 'all:\n' });
    await symlink('hosts.yml', join(dir, 'link'));
    await mkdir(join(dir, 'folder'));
    for (const name of ['hosts.yml', 'link', 'folder']) {
      const error = await printed(() => refuseForeignFile(join(dir, name)));
      expect(error).toContain(`${name}: exists and is no saved plan`);
    }
    expect(await printed(() => refuseForeignFile(join(dir, 'missing/a')))).toContain('there is no folder');
    await writeFile(join(dir, 'a.plan'), TEXT);
    expect((await lstat(join(dir, 'a.plan'))).isFile()).toBe(true);
  });

  test('leaves nothing when it cannot be written', async () => {
    const dir = await project({});
    await mkdir(join(dir, 'a.plan'));
    expect(await printed(() => writePlanFile(join(dir, 'a.plan'), TEXT))).toContain('cannot be written');
    expect(await readdir(dir)).toEqual(['a.plan']);
  });

  test('is refused when it is not even UTF-8: bytes must not be lost in reading', async () => {
    const dir = await project({});
    const file = join(dir, 'a.plan');
    await writeFile(file, Buffer.concat([Buffer.from(TEXT), Buffer.from([0xef, 0xbf])]));
    expect(await printed(() => readPlanFile(file))).toContain('is no saved plan, or was changed: not UTF-8');
  });

  test('that does not exist is told', async () => {
    expect(await printed(() => readPlanFile('/nowhere/a'))).toContain('there is no plan /nowhere/a');
  });
});
