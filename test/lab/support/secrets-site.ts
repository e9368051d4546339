import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canary, Canaries } from '../../canaries.ts';
import { CERTIFICATE, KEY } from '../../watch/certificate.ts';
import { VIP } from './pair.ts';

export const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Hosts whose login, sudo and services are full of secrets. */
const INVENTORY = `all:
  vars: { run_playbook_lab: default }
  children:
    web:
      hosts:
        svr1: { ansible_host: 172.25.254.131 }
        svr2: { ansible_host: 172.25.254.132 }
      vars:
        ansible_user: canary
        ansible_password: "\${SSH}"
        ansible_become: true
        ansible_become_password: "\${SUDO}"
        keepalived: { version: 2, advert_int: 1, auth: "\${VRRP}", vips: [{ address: ${VIP} }] }
        nginx: { basic_auth: { people: { anna: "\${NGINX}" } } }
        haproxy:
          local: { stats_auth: { user: admin, password: "\${STATS}" } }
          userlists: { people: { anna: "\${HASH}" } }
          certificates: { site: "\${PEM}" }
        noisy: { token: "\${TOKEN}", logged: "\${LOGGED}" }
`;

/** A role that does to its secrets what it can: says them, logs them, throws them, each in a way of its own. */
const NOISY = `import { fileSet, role, secret, sh, task, v } from 'run-playbook';

const TELL = sh\`cat "$RP_ROOT/token"; echo
fold -w 20 "$RP_ROOT/token"; echo
base64 -w 30 "$RP_ROOT/token"
od -An -v -tx1 -w80 "$RP_ROOT/token" | tr -d ' '\`;

export default role({
  name: 'noisy',
  description: 'Tells everybody.',
  vars: v.strictObject({
    token: secret(),
    logged: secret(),
    fails: v.optional(v.string(), ''),
    mark: v.optional(v.string(), 'one'),
  }),
  resources({ vars: { token, logged, fails, mark } }) {
    const applies = {
      script: sh\`set -x; logger -t noisy -- \${logged}; logger -t noisy -- "cut: $(printf %s \${logged} | cut -c 1-19)"
: \${token}; false\`,
      function: async ($) => {
        await $\`printf %s \${mark} >/etc/mark\`;
        await $\`printf '%s\\\\n' \${token} | fold -w 17 >&2; exit 3\`;
      },
      crash: async () => {
        setTimeout(() => Promise.reject(new Error('lost: ' + token.reveal())), 100);
        await new Promise(() => {});
      },
    };
    return [
      fileSet({
        name: 'token',
        root: '/etc/noisy',
        files: { token: { content: token.reveal() + '\\n' + mark, mode: '0600' } },
        secrets: [token],
        validate: fails === 'validator' ? sh\`{ \${TELL}; } >&2; exit 1\` : sh\`sleep 0.2; [ -n \${token} ]\`,
      }),
      task({
        name: 'mark',
        probe: sh\`cat /etc/mark\`,
        ok: ({ stdout }) => stdout === mark,
        apply: applies[fails] ?? sh\`printf %s \${mark} >/etc/mark; : \${token}; sleep 0.1\`,
        undo: sh\`rm -f /etc/mark; : \${token}\`,
      }),
    ];
  },
  faults: ({ hosts: [host] }) => [
    {
      name: 'whisper',
      description: 'nothing is broken, and a secret is in it',
      on: 'every host',
      means: {
        by: 'script',
        inject: () => sh\`touch /run/whisper; : \${host.vars.get('noisy').token}\`,
        heal: () => sh\`rm -f /run/whisper; : \${host.vars.get('noisy').token}\`,
      },
      lastsMs: 200,
      wholeWithinMs: 5000,
      limits: {},
      perSecond: 20,
    },
    {
      name: 'shout',
      description: 'it cannot be broken, and says why',
      on: 'one host',
      means: {
        by: 'script',
        inject: () => sh\`echo \${host.vars.get('noisy').token} | fold -w 25 >&2; exit 1\`,
        heal: () => sh\`true\`,
      },
      lastsMs: 200,
      wholeWithinMs: 5000,
      limits: {},
      perSecond: 20,
    },
  ],
});
`;

const PLAYBOOK = `import { playbook } from 'run-playbook';
import noisy from '../roles/noisy/index.js';
export default playbook({
  name: 'noisy',
  description: 'Tells everybody.',
  hosts: 'web',
  roles: [noisy],
  watch: () => [{ address: '${VIP}', port: 80, path: '/', host: '${VIP}' }],
});
`;

/** A project on this machine, for hosts that are prepared for it. */
export interface SecretsSite {
  readonly directory: string;
  readonly state: string;
  readonly temporary: string;
  /** All secrets. */
  readonly canaries: Canaries;
  /** One that no project knows: to see whether others would be seen. */
  readonly planted: string;
  /** Without the one that its role writes into the hosts' journals. */
  readonly unlogged: Canaries;
  /** Makes a user that logs in and becomes root by passwords; run on a host, as root. */
  readonly prepare: { readonly script: string; readonly stdin: string };
}

/** Writes the project. Its files that hold secrets by intention are `.env` and `signer`. */
export function makeSecretsSite(): SecretsSite {
  const directory = mkdtempSync(join(tmpdir(), 'run-playbook-secrets-'));
  const [state, temporary] = ['state', 'tmp'].map((name) => join(directory, name)) as [string, string];
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  });
  const secrets = {
    SSH: canary(),
    SUDO: canary(),
    // Eight characters without blanks and those that mean something to it are all that keepalived takes.
    VRRP: `(${canary().slice(1, 5)}\`%<`,
    // A hash, by its looks.
    NGINX: `$6$${canary().replaceAll(/[\s:]/g, '')}`,
    STATS: canary(),
    HASH: `$6$x$${canary().replaceAll(/[\s"'#\\]/g, '')}`,
    TOKEN: canary(),
    LOGGED: canary(),
    WRONG: canary(),
    RUN_PLAYBOOK_PLAN_KEY: canary(),
  };
  // What of a key no certificate and no other key has as well.
  const scalar = ['Ux4tNMLWYx7yy8Vn', 'xelea9RnpvdkjQpLrCWWBlyPsc'];
  const seed = privateKey.split('\n')[1]?.slice(22) ?? '';
  const all = { ...secrets, PEM: scalar, signer: seed };
  const { LOGGED: _, ...unlogged } = all;
  const planted = canary();
  const env = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
  const files: Readonly<Record<string, string>> = {
    'package.json': '{ "type": "module" }',
    '.env': `${env.join('')}PEM="${(CERTIFICATE + KEY).replaceAll('\n', '\\n')}"\n`,
    signer: privateKey,
    'signer.pub': publicKey,
    'inventory/hosts.yml': INVENTORY,
    'sudo.yml': 'ansible_become_password: "${WRONG}"\n',
    'ssh.yml': 'ansible_password: "${WRONG}"\n',
    'playbooks/noisy.js': PLAYBOOK,
    'roles/noisy/index.js': NOISY,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
    chmodSync(join(directory, name), name === '.env' || name === 'signer' ? 0o600 : 0o644);
  }
  mkdirSync(temporary);
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(PACKAGE, join(directory, 'node_modules/run-playbook'));
  return {
    directory,
    state,
    temporary,
    canaries: new Canaries({ ...all, PLANTED: planted }),
    planted,
    unlogged: new Canaries(unlogged),
    prepare: {
      script: `useradd -m -s /bin/bash canary
chpasswd
printf '%s\\n' 'Defaults:canary rootpw' 'canary ALL=(ALL:ALL) ALL' >/etc/sudoers.d/canary
chmod 0440 /etc/sudoers.d/canary
visudo -cq`,
      stdin: `canary:${secrets.SSH}\nroot:${secrets.SUDO}\n`,
    },
  };
}
