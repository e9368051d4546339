import { describe, expect, test } from 'vitest';
import type { PlanArguments } from '../../src/core/saved-plan.ts';
import { Secret } from '../../src/core/secret.ts';
import { portableArguments, refuseSecretArguments } from '../../src/load/saved-plan-arguments.ts';
import { printed } from './project.ts';

const NONE: PlanArguments = { playbook: 'phase1', tags: [], skipTags: [], extraVars: [] };

describe('paths are as the project sees them', () => {
  test.each<readonly [string, Partial<PlanArguments>, Partial<PlanArguments>]>([
    ['names stay', { limit: 'web', tags: ['nginx'] }, { limit: 'web', tags: ['nginx'] }],
    ['an inventory', { inventory: '../inventory/a.yml' }, { inventory: 'inventory/a.yml' }],
    ['an inventory outside', { inventory: '/etc/hosts.yml' }, { inventory: '/etc/hosts.yml' }],
    ['a playbook', { playbook: './web.ts' }, { playbook: './sub/web.ts' }],
    ['a playbook in the folder itself', { playbook: '../web.ts' }, { playbook: './web.ts' }],
    ['a playbook outside', { playbook: '../../web.ts' }, { playbook: '/srv/web.ts' }],
    ['a file of variables', { extraVars: ['a=1', ' @b.yml'] }, { extraVars: ['a=1', '@sub/b.yml'] }],
  ])('%s', (_, given, expected) => {
    expect(portableArguments({ ...NONE, ...given }, '/srv/project', '/srv/project/sub')).toEqual({
      ...NONE,
      ...expected,
    });
  });
});

describe('extra variables', () => {
  const context = {
    secrets: [new Secret('CANARY-1'), new Secret('x'), new Secret('p"w\\')],
    roles: ['nginx', 'keepalived'],
    cwd: '/',
  };

  test.each([
    'nginx.port=8080',
    '{"nginx": {"port": 8080, "sites": ["a", "b"]}}',
    'ansible_user=root nginx.page=xylophone',
    "keepalived.auth='${VRRP_PASS}'",
    '{"keepalived": {"auth": "${VRRP_PASS}"}}',
    '{"ansible_password": "${PASS}"}',
    '@/nowhere/secrets.yml',
  ])('%s is kept', async (vars) => {
    expect(await printed(() => refuseSecretArguments([vars], context))).toBe('no error');
  });

  test.each([
    'keepalived.auth=CANARY-1',
    'keepalived.auth=x',
    "nginx.raw='a CANARY-1 b'",
    '{"keepalived": {"auth": "CANARY-1"}}',
    '{"nginx": {"page": "\\u0043ANARY-1"}}',
    '{"keepalived": {"list": [{"a": "p\\"w\\\\"}]}}',
    'ansible_become_password=CANARY-2',
    '{"nginx": {"api_token": "CANARY-2"}}',
  ])('%s is refused, and not shown', async (vars) => {
    const error = await printed(() => refuseSecretArguments(['nginx.port=80', vars], context));
    expect(error).toMatch(
      /^--extra-vars \w+: holds a secret, which is not written into a saved plan\n {2}do /,
    );
    expect(error).not.toContain('CANARY');
  });

  test('of a role that the playbook does not have are refused: nobody knows what they are', async () => {
    const error = await printed(() => refuseSecretArguments(['haproxy.stats=CANARY-2'], context));
    expect(error).toBe(
      `--extra-vars haproxy: no role of this playbook knows it, so it may be a secret, and is not written into a saved plan
  do    leave it out; the roles are nginx, keepalived`,
    );
  });
});
