import { DRIFT_VERSION, driftExit, type DriftHost, type DriftReport } from '../../src/core/drift.ts';
import { finding } from '../../src/drift/findings.ts';

/** A report of two hosts with these findings, and with what became of the hosts where that is said. */
export function report(
  items: readonly (readonly [
    host: string | undefined,
    item: string,
    severity: 'drift' | 'degraded' | 'pending',
  ])[],
  statuses: Readonly<Record<string, DriftHost['status']>> = {},
): DriftReport {
  const hosts = ['svr1', 'svr2'].map((host): DriftHost => ({ host, status: statuses[host] ?? 'in-sync' }));
  const findings = items.map(([host, item, severity]) =>
    finding({
      host,
      item,
      class: 'file' as const,
      severity,
      expected: 'as declared',
      found: 'content changed',
    }),
  );
  return {
    version: DRIFT_VERSION,
    id: 'c0ffee123456',
    at: '2026-01-31T03:00:00.000Z',
    playbook: 'phase1',
    exit: driftExit(findings, hosts),
    hosts,
    findings,
    ignored: [],
    expired: [],
    cluster: { exit: 0, hosts: [], vips: [], problems: [], unreachable: [] },
    troubles: [],
    ms: 500,
  };
}

export const SENDER = { project: '/srv/web', from: 'control' };
