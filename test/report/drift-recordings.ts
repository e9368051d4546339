import { readFileSync } from 'node:fs';
import {
  byWeight,
  driftExit,
  type DriftHost,
  type DriftHostStatus,
  type DriftPast,
  type DriftReport,
  type Finding,
  type Severity,
} from '../../src/core/drift.ts';
import type { Trouble } from '../../src/core/error.ts';
import { judgeStatus, type HostStatus, type ServerStatus } from '../../src/core/status.ts';
import { finding as withId } from '../../src/drift/findings.ts';
import type { DriftDocument } from '../../src/report/drift-document.ts';

const AT = '2026-01-31T03:00:12.345Z';
const VIP = '172.25.254.130';

export interface DriftRecording {
  readonly report: DriftReport;
  readonly past?: DriftPast;
}

function host(name: string, more: Partial<HostStatus> = {}): HostStatus {
  return {
    host: name,
    services: ['nginx', 'keepalived'].map((service) => ({ name: service, active: 'active', enabled: true })),
    vrrp: [{ instance: 'VI_1', state: 'BACKUP' }],
    heldBack: [],
    vips: [VIP],
    carries: [],
    armed: [],
    kept: [],
    ...more,
  };
}

function server(name: string, more: Partial<ServerStatus> = {}): ServerStatus {
  return {
    name,
    status: 'UP',
    check: 'L7OK',
    address: '172.25.254.131',
    port: 8080,
    weight: 100,
    configuredWeight: 100,
    byHand: [],
    ...more,
  };
}

function holder(name: string, more: Partial<HostStatus> = {}): HostStatus {
  return host(name, {
    carries: [VIP],
    vrrp: [{ instance: 'VI_1', state: 'MASTER', priority: 100 }],
    ...more,
  });
}

function finding(wanted: Partial<Finding> & Pick<Finding, 'item'>): Finding {
  return withId({
    class: 'file' as const,
    severity: 'drift' as Severity,
    expected: 'as declared',
    found: 'content changed',
    ...wanted,
  });
}

interface Wanted extends Partial<Omit<DriftReport, 'hosts' | 'cluster'>> {
  readonly standing: readonly HostStatus[];
  readonly hosts?: readonly DriftHost[];
}

/** What the engine makes of findings and statuses, in its own words. */
function reportOf({ standing, findings = [], troubles = [], ...more }: Wanted): DriftReport {
  const hosts = more.hosts ?? [
    ...standing.map(({ host: name }) => ({ host: name, status: statusOf(name, findings) })),
    ...troubles.map((trouble): DriftHost => ({ host: trouble.host ?? '', status: 'unreachable', trouble })),
  ];
  return {
    version: 1,
    id: '8a3367de8e9f',
    at: AT,
    playbook: 'phase1',
    exit: driftExit(findings, hosts),
    hosts,
    findings: findings.toSorted(byWeight),
    ignored: [],
    expired: [],
    cluster: judgeStatus(standing, troubles),
    troubles,
    ms: 1912.4,
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== 'hosts')),
  };
}

function statusOf(name: string, findings: readonly Finding[]): DriftHostStatus {
  const own = findings.filter((one) => one.host === name).map(({ severity }) => severity);
  const has = (severity: Severity) => own.includes(severity);
  return has('degraded') ? 'degraded' : has('drift') ? 'drifted' : has('pending') ? 'pending' : 'in-sync';
}

/** Nothing is wrong. */
export function inSync(): DriftRecording {
  return { report: reportOf({ standing: [holder('svr1'), host('svr2')] }) };
}

const NGINX_CONF = `# managed by run-playbook
user www-data;
worker_processes auto;
pid /run/nginx.pid;

events {
    worker_connections 1024;
}
`;

const CHANGED_FILE = finding({
  host: 'svr1',
  item: '/etc/nginx/nginx.conf',
  role: 'nginx',
  resource: 'files nginx',
  expected: 'content as declared',
  diff: {
    path: '/etc/nginx/nginx.conf',
    before: NGINX_CONF.replace('auto;', '1;').replace('1024', '64') + '# by hand\n',
    after: NGINX_CONF,
  },
  evidence: [
    { source: 'mtime', at: '2026-01-30T22:41:07.000Z', text: 'the file was written', confidence: 'certain' },
    {
      source: 'sudo',
      at: '2026-01-30T22:40:12.000Z',
      who: 'alice',
      text: 'vi /etc/nginx/nginx.conf',
      confidence: 'likely',
    },
  ],
});

/** One host was changed by hand, in a file with a password too; one change of the project is still to be applied. */
export function drifted(): DriftRecording {
  const password = finding({
    host: 'svr1',
    item: '/etc/keepalived/keepalived.conf',
    role: 'keepalived',
    resource: 'files keepalived',
    expected: 'content as declared',
    diff: {
      path: '/etc/keepalived/keepalived.conf',
      before: 'auth_type PASS\nauth_pass 1111\n\tpriority 90\n',
      after: 'auth_type PASS\nauth_pass swordfish\n\tpriority 100\n',
    },
  });
  const others = [
    finding({
      host: 'svr1',
      item: 'nginx.service configuration',
      class: 'configuration',
      role: 'nginx',
      resource: 'service nginx',
      found: 'not loaded since the last change',
      expected: 'loaded',
    }),
    finding({
      host: 'svr1',
      item: 'nginx version',
      class: 'package',
      role: 'nginx',
      found: '1.22.1-9+deb12u12',
      expected: '1.22.1-9+deb12u11, as the last run left it',
      hint: 'if it is meant to be so: run-playbook drift --accept',
    }),
    finding({
      host: 'svr2',
      item: '/var/www/run-playbook/index.html',
      severity: 'pending',
      role: 'nginx',
      resource: 'files nginx page',
      expected: 'content as declared',
    }),
    finding({
      host: 'svr2',
      item: 'certificate /etc/ssl/site.pem',
      class: 'certificate',
      severity: 'notice',
      found: 'ends on 2026-02-20, in 20 days',
      expected: 'valid for at least 14 days',
    }),
  ];
  const findings = [CHANGED_FILE, password, ...others];
  return {
    report: reportOf({
      standing: [holder('svr1'), host('svr2')],
      findings,
      ignored: [
        {
          finding: finding({ host: 'svr2', item: '/etc/motd', found: 'content changed' }),
          rule: { host: 'svr2', item: '/etc/motd', reason: 'ours while we move', until: '2026-03-01' },
        },
      ],
      expired: [{ item: 'sysctl *', reason: 'kernel being tested', until: '2026-01-15' }],
    }),
  };
}

/** Two hosts hold the virtual IP, and one of them runs nothing that answers. */
export function degraded(): DriftRecording {
  const services = [
    { name: 'nginx', active: 'failed', enabled: true },
    { name: 'keepalived', active: 'active', enabled: true },
    { name: 'haproxy', active: 'inactive', enabled: false },
  ];
  const findings = [
    finding({
      item: `VIP ${VIP}`,
      class: 'vip',
      severity: 'degraded',
      found: 'on svr1 and svr2 at once',
      expected: 'on one host',
      hint: 'the hosts do not hear each other: let VRRP (IP protocol 112) pass between them',
    }),
    finding({
      host: 'svr2',
      item: 'nginx.service',
      class: 'service',
      severity: 'degraded',
      role: 'nginx',
      resource: 'service nginx',
      found: 'failed',
      expected: 'running',
      hint: 'journalctl -u nginx -n 50 on svr2 tells why',
    }),
    finding({
      host: 'svr2',
      item: 'net.ipv4.ip_nonlocal_bind',
      class: 'sysctl',
      role: 'haproxy',
      resource: 'sysctl net.ipv4.ip_nonlocal_bind',
      found: '0',
      expected: '1',
    }),
  ];
  const backends = [
    {
      name: 'web',
      servers: [
        server('svr1'),
        server('svr2', { status: 'DOWN', check: 'L4CON' }),
        server('svr3', { status: 'MAINT', byHand: ['maintenance'] }),
      ],
    },
  ];
  const second = holder('svr2', {
    backends,
    services,
    heldBack: ['/run/ha-track/nginx is not 0'],
    kept: ['a1b2c3'],
  });
  const armed = [{ run: 'a1b2c3', leftMs: 100_000 }];
  return {
    report: reportOf({
      standing: [holder('svr1', { lock: 'phase1 by root@control', armed }), second],
      findings,
    }),
  };
}

/** One host does not answer; of the other one nothing is reported because somebody works on it. */
export function unreachable(): DriftRecording {
  const silent: Trouble = {
    host: 'svr2',
    what: 'cannot connect to 172.25.254.132:22: connection refused',
    why: ['kex_exchange_identification: read: Connection reset by peer'],
    hint: 'is it up, and does sshd listen there?',
  };
  const suppressed = 'maintenance until 2026-01-31T04:00:00Z: a new kernel';
  return {
    report: reportOf({
      standing: [holder('svr1')],
      troubles: [silent],
      hosts: [
        { host: 'svr1', status: 'suppressed', suppressed },
        { host: 'svr2', status: 'unreachable', trouble: silent },
      ],
    }),
  };
}

/** Only one host is reported of; another one was to be asked how it stands, and did not answer. */
export function limited(): DriftRecording {
  const silent: Trouble = { host: 'svr3', what: 'no answer from 172.25.254.133', hint: 'is it up?' };
  return {
    report: reportOf({
      standing: [holder('svr1'), host('svr2')],
      troubles: [silent],
      hosts: [{ host: 'svr1', status: 'in-sync' }],
    }),
  };
}

/** Twelve hosts, nine of which differ in the same way and one in another. */
export function fleet(): DriftRecording {
  const names = Array.from({ length: 12 }, (_, index) => `web${String(index + 1).padStart(2, '0')}`);
  const findings = names.slice(0, 10).map((name, index) =>
    finding({
      host: name,
      item: index === 4 ? '/etc/nginx/nginx.conf' : 'nginx version',
      class: index === 4 ? 'file' : 'package',
      role: 'nginx',
      resource: index === 4 ? 'files nginx' : undefined,
      found: index === 4 ? 'mode 0666' : '1.22.1-9+deb12u12',
      expected: index === 4 ? 'mode 0644' : '1.22.1-9+deb12u11, as the last run left it',
    }),
  );
  const vips = [VIP, '172.25.254.140'];
  const standing = names.map((name, index) =>
    host(name, { vips, carries: vips.filter((_, at) => at === index) }),
  );
  return { report: reportOf({ standing, findings }) };
}

const LONG = 'averyveryverylongname'.repeat(14);

/** Texts that are longer than anything has room for. */
export function long(): DriftRecording {
  const sentence = 'and it goes on with words that can be broken between lines '.repeat(12).trim();
  const lines = Array.from({ length: 1200 }, (_, index) => `line ${index} ${LONG}`);
  return {
    report: reportOf({
      standing: [holder(`svr1.${LONG}`), host('svr2')],
      findings: [
        finding({
          host: `svr1.${LONG}`,
          item: `/etc/${LONG}`,
          found: LONG,
          expected: sentence,
          hint: sentence,
        }),
        finding({
          host: 'svr2',
          item: '/etc/large',
          diff: { path: '/etc/large', before: lines.join('\n'), after: `${lines.slice(0, 2).join('\n')}\n` },
        }),
      ],
    }),
  };
}

/** What a host may have written to be obeyed instead of read. */
export function hostile(): DriftRecording {
  const html = `<script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(1)>`;
  const override = '\u202egnp.exe\u202c \u200b\u001B[2J\u0007';
  const markdown = '| a | **b** `c` [d](http://127.0.0.1:9) @everyone #1 $x$ www.example.org\n# e';
  const name = 'שרת-1';
  return {
    report: reportOf({
      standing: [holder('svr1'), host(name)],
      findings: [
        finding({
          host: 'svr1',
          item: html,
          found: `"' ]]> & ${override}`,
          expected: '</style></title><b>x',
        }),
        finding({
          host: 'svr1',
          item: markdown,
          found: 'swordfish',
          expected: '``` \ufffe \ud800',
          hint: markdown,
        }),
        finding({
          host: name,
          item: '/etc/שלום/קובץ.conf',
          found: 'שונה ביד (edited) 123',
          expected: 'כמוצהר',
          diff: {
            path: '/etc/<b>שלום</b>',
            before: `<script>alert(2)</script>\n\`\`\`\n# markdown\n${override}\n`,
            after: '</pre></details>\nkey swordfish\n',
          },
        }),
      ],
      ignored: [{ finding: finding({ host: name, item: html }), rule: { reason: markdown } }],
      expired: [{ item: html, reason: override, until: '2026-01-01' }],
    }),
    past: pastOf([]),
  };
}

function pastOf(checks: readonly DriftReport[]): DriftPast {
  return { checks, spans: [] };
}

const QUARTER_MS = 15 * 60_000;

/** The drifted pair, with the checks of the day before. */
export function remembered(): DriftRecording {
  const { report } = drifted();
  const gone = degraded().report.findings[0];
  const before = Array.from({ length: 60 }, (_, index): DriftReport => {
    const at = new Date(Date.parse(AT) - (60 - index) * QUARTER_MS).toISOString();
    const id = String(index).padStart(12, '0');
    if (index >= 20 && index < 24 && gone !== undefined) {
      return { ...degraded().report, id, at };
    }
    return index === 30
      ? { ...unreachable().report, id, at }
      : index > 42
        ? { ...report, id, at, findings: [CHANGED_FILE] }
        : { ...inSync().report, id, at };
  });
  const since = (index: number) => before[index]?.at ?? AT;
  const spans = report.findings.map(({ id }) =>
    id === CHANGED_FILE.id
      ? { id, firstSeen: since(43), lastSeen: AT, openForMs: 17 * QUARTER_MS, isOpen: true }
      : { id, firstSeen: AT, lastSeen: AT, openForMs: 0, isOpen: true },
  );
  const over = degraded().report.findings.map(({ id }) => ({
    id,
    firstSeen: since(20),
    lastSeen: since(23),
    openForMs: 3 * QUARTER_MS,
    isOpen: false,
  }));
  return { report, past: { checks: [...before, report], spans: [...over, ...spans] } };
}

/** What the lab's hosts said after several things were done to them by hand; the diffs are no part of it. */
export function recorded(): DriftRecording {
  const { errors, kind: _kind, findings, ...rest } = RECORDED;
  return {
    report: { ...rest, troubles: errors, findings: findings.map(({ diff: _diff, ...one }) => one) },
  };
}

/** The document of that check, as it was printed. */
export const RECORDED = JSON.parse(
  readFileSync(new URL('recorded/drift-lab.json', import.meta.url), 'utf8'),
) as Omit<DriftDocument, 'ignored'> & { readonly ignored: readonly [] };

/** Nothing was checked, and why. */
export function notMade(): DriftRecording {
  const troubles = [{ what: 'there is no playbook phase9', hint: 'did you mean phase1?' }];
  return {
    report: { ...reportOf({ standing: [], hosts: [], playbook: 'phase9', ms: 0 }), exit: 5, troubles },
  };
}

/** Every recording, by the name of its golden files. */
export const RECORDINGS: readonly (readonly [string, DriftRecording])[] = [
  ['in-sync', inSync()],
  ['drifted', drifted()],
  ['remembered', remembered()],
  ['degraded', degraded()],
  ['unreachable', unreachable()],
  ['limited', limited()],
  ['fleet', fleet()],
  ['long', long()],
  ['hostile', hostile()],
  ['recorded', recorded()],
  ['not-made', notMade()],
];
