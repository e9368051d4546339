import { byWeight, DRIFT_VERSION, driftExit, type DriftReport, type Finding } from '../../src/core/drift.ts';
import { judgeStatus, type HostStatus, type ServerStatus } from '../../src/core/status.ts';

export const VIP = '192.0.2.10';

/** A time of the morning all checks are made on. */
export const at = (time: string) => `2026-01-31T${time}:00.000Z`;

/** The same id for the same host, class and item, as in real reports. */
export function finding(item: string, more: Partial<Finding> = {}): Finding {
  const { host, class: is = 'file' } = { host: 'svr1', ...more };
  const id = Buffer.from(`${host} ${is} ${item}`).toString('hex').slice(-12);
  return {
    id,
    host: 'svr1',
    item,
    class: 'file',
    severity: 'drift',
    expected: 'content as declared',
    found: 'content changed',
    ...more,
  };
}

export function hostStatus(host: string, more: Partial<HostStatus> = {}): HostStatus {
  return {
    host,
    services: ['nginx', 'keepalived'].map((name) => ({ name, active: 'active', enabled: true })),
    vrrp: [{ instance: 'VI_1', state: host === 'svr1' ? 'MASTER' : 'BACKUP' }],
    heldBack: [],
    vips: [VIP],
    carries: host === 'svr1' ? [VIP] : [],
    armed: [],
    kept: [],
    ...more,
  };
}

/** The report of a pair whose hosts stand as their findings say. */
export function report(more: Partial<DriftReport> = {}): DriftReport {
  const { findings = [] } = more;
  const hosts = ['svr1', 'svr2'].map((host) => ({
    host,
    status: findings.some((one) => one.host === host) ? ('drifted' as const) : ('in-sync' as const),
  }));
  return {
    version: DRIFT_VERSION,
    id: 'dbef5436da7c',
    at: at('03:00'),
    playbook: 'phase1',
    exit: driftExit(findings, more.hosts ?? hosts),
    hosts,
    ignored: [],
    expired: [],
    cluster: judgeStatus([hostStatus('svr1'), hostStatus('svr2')], []),
    troubles: [],
    ms: 912,
    ...more,
    findings: findings.toSorted(byWeight),
  };
}

function server(name: string, status: string): ServerStatus {
  return {
    name,
    status,
    check: 'L7OK',
    address: '192.0.2.11',
    port: 80,
    weight: 100,
    configuredWeight: 100,
    byHand: [],
  };
}

/** A report that has something of everything. */
export function fullReport(): DriftReport {
  const backends = [{ name: 'web', servers: [server('svr1', 'UP'), server('svr2', 'DOWN 1/2')] }];
  const services = [
    { name: 'nginx', active: 'failed', enabled: true },
    { name: 'haproxy', active: 'inactive', enabled: false },
    { name: 'keepalived', active: 'active', enabled: true },
  ];
  const silent = { host: 'svr3', what: 'unreachable: no answer' };
  return report({
    exit: 8,
    playbook: 'phase2',
    findings: [
      finding('VIP on exactly one host', { host: undefined, class: 'vip', severity: 'degraded' }),
      finding('/etc/nginx/nginx.conf', { role: 'nginx' }),
      finding('/etc/nginx/mime.types', { role: 'nginx' }),
      finding('/etc/nginx/nginx.conf', { role: 'nginx', host: 'svr2', severity: 'pending' }),
    ],
    ignored: [
      { finding: finding('motd', { class: 'package' }), rule: { reason: 'ours' } },
      { finding: finding('issue', { class: 'package' }), rule: { reason: 'ours' } },
    ],
    expired: [{ reason: 'until the move', until: '2026-01-01' }],
    hosts: [
      { host: 'svr1', status: 'drifted' },
      { host: 'svr2', status: 'pending' },
      { host: 'svr3', status: 'unreachable', trouble: silent },
      { host: 'svr4', status: 'suppressed', suppressed: 'locked by phase2 by root@control' },
    ],
    cluster: judgeStatus(
      [
        hostStatus('svr1', { backends }),
        hostStatus('svr2', { services, heldBack: ['/run/ha-track/nginx is not 0'] }),
      ],
      [silent],
    ),
    troubles: [silent],
  });
}
