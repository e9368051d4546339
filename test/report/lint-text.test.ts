import { describe, expect, it } from 'vitest';
import type { LintResult, PlaybookFinding } from '../../src/core/lint-result.ts';
import { Secret } from '../../src/core/secret.ts';
import { printedDocument } from '../../src/report/document.ts';
import { inkFor } from '../../src/report/ink.ts';
import { lintDocument } from '../../src/report/lint-document.ts';
import { lintText } from '../../src/report/lint-text.ts';

const REFUSED: PlaybookFinding = {
  code: 'HA105',
  level: 'refuse',
  title: 'Peers speak different versions of VRRP',
  host: 'svr2',
  path: 'keepalived.version',
  what: 'is 2, and 3 on svr1',
  hint: 'set it once, for the group of both',
  from: 'inventory/host_vars/svr2.yml:2:12',
  excerpt: ['  version: 2 # not swordfish', '           ^'],
  playbooks: ['phase1', 'phase2'],
};

const WARNED: PlaybookFinding = {
  code: 'HA181',
  level: 'warn',
  title: 'A backend that leaves out hosts of the group',
  path: 'haproxy.backends.servers.servers',
  what: 'no request goes to svr2\u001b[2J',
  hint: 'leave it out, and every host of the playbook is a server; or name the host as a backup',
  playbooks: ['phase2'],
};

const FOUND: LintResult = {
  exit: 5,
  playbooks: ['phase1', 'phase2'],
  rules: 49,
  surveyed: ['svr1'],
  findings: [REFUSED, WARNED],
  troubles: [{ host: 'svr2', what: 'cannot connect to 172.25.254.132:22: connection refused' }],
  ms: 1612,
};

const CLEAN: LintResult = {
  ...FOUND,
  exit: 0,
  surveyed: ['svr1', 'svr2'],
  findings: [],
  troubles: [],
};

const secrets = [new Secret('swordfish')];

describe('what lint prints', () => {
  it.each([
    ['lint', FOUND, inkFor({ color: false, unicode: true }, secrets)],
    ['lint-80-columns', FOUND, inkFor({ color: true, unicode: false, width: 80 }, secrets)],
    ['lint-clean', CLEAN, inkFor({ color: false, unicode: true })],
    ['lint-static', { ...CLEAN, surveyed: [], playbooks: ['web'] }, inkFor({ color: false, unicode: true })],
  ] as const)('%s', async (name, result, ink) => {
    await expect(lintText(result, ink)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it('as JSON, secrets masked', async () => {
    const ink = inkFor({ color: false, unicode: true }, secrets);
    const text = printedDocument(lintDocument(FOUND), ink.masked);
    expect(text).not.toContain('swordfish');
    await expect(text).toMatchFileSnapshot('golden/lint-json.txt');
  });
});
