import type { DriftHost, DriftHostStatus, DriftReport, Finding } from '../core/drift.ts';
import { isLookedAt } from '../core/drift-spans.ts';
import { ableHosts, isRunning, type ClusterStatus } from '../core/status.ts';
import { prometheusText, type Gauge, type Sample } from './prometheus.ts';

export interface MetricsOptions {
  /** Tells the hosts of this check from those of others in the same Prometheus. */
  readonly inventory: string;
  /** Absent where checks are not scheduled. */
  readonly everyMs?: number | undefined;
  /** Replaces the secrets that are known. */
  readonly masked: (text: string) => string;
}

/** What a drift check found, for the textfile collector of Prometheus' node exporter. */
export function driftMetrics(report: DriftReport, { inventory, everyMs, masked }: MetricsOptions): string {
  const gauges = [...checkGauges(report, everyMs), ...hostGauges(report), ...serviceGauges(report.cluster)];
  return prometheusText(gauges, { playbook: report.playbook, inventory }, masked);
}

function checkGauges(report: DriftReport, everyMs: number | undefined): readonly Gauge[] {
  const begun = Date.parse(report.at) / 1000;
  const every = everyMs === undefined ? undefined : everyMs / 1000;
  return [
    one('drift_last_check_timestamp_seconds', 'When the last drift check began.', begun),
    one('drift_check_duration_seconds', 'How long the last drift check took.', report.ms / 1000),
    one(
      'drift_exit_code',
      'How the last drift check ended: 0 in sync, 2 drift, 4 a host is unreachable, 8 the service is degraded.',
      report.exit,
    ),
    one('drift_check_interval_seconds', 'Time from one scheduled drift check to the next.', every),
    one(
      'drift_next_check_timestamp_seconds',
      'When the next scheduled drift check is due.',
      every === undefined ? undefined : begun + every,
    ),
    one(
      'drift_expired_ignore_rules',
      'Ignore rules of the inventory whose last day is over.',
      report.expired.length,
    ),
  ];
}

function hostGauges({ hosts, findings, ignored }: DriftReport): readonly Gauge[] {
  return [
    {
      name: 'run_playbook_drift_objects',
      help: 'Things that are not as they should be; of the cluster as a whole under host="cluster".',
      samples: counted(findings, ({ host = 'cluster', role = '', class: is, severity }) => ({
        host,
        role,
        class: is,
        severity,
      })),
    },
    {
      name: 'run_playbook_drift_ignored_objects',
      help: 'Things that are not as they should be and that a rule of the inventory ignores.',
      samples: counted(
        ignored.map(({ finding }) => finding),
        ({ host = 'cluster' }) => ({ host }),
      ),
    },
    {
      name: 'run_playbook_drift_host_in_sync',
      help: 'Whether a host is as it was left, pending changes of the project aside; of hosts that were looked at.',
      samples: flags(hosts.filter(isLookedAt), ['in-sync', 'pending']),
    },
    {
      name: 'run_playbook_drift_host_unreachable',
      help: 'Whether a host could not be read.',
      samples: flags(hosts, ['unreachable', 'failed']),
    },
    {
      name: 'run_playbook_drift_host_suppressed',
      help: 'Whether nothing of a host is reported because somebody works on it.',
      samples: flags(hosts, ['suppressed']),
    },
  ];
}

function serviceGauges(cluster: ClusterStatus): readonly Gauge[] {
  const { hosts, vips } = cluster;
  return [
    {
      name: 'run_playbook_vip_owner',
      help: 'Whether a host carries a virtual IP that its keepalived is configured for.',
      samples: hosts.flatMap((status) =>
        status.vips.map((vip) => ({
          labels: { vip, host: status.host },
          value: Number(status.carries.includes(vip)),
        })),
      ),
    },
    {
      name: 'run_playbook_vip_able_hosts',
      help: 'Hosts whose keepalived runs and that nothing keeps from holding a virtual IP.',
      samples: vips.map(({ vip }) => ({ labels: { vip }, value: ableHosts(cluster, vip).length })),
    },
    {
      name: 'run_playbook_backend_server_up',
      help: 'Whether the HAProxy of a host sends requests to a server of a backend.',
      samples: hosts.flatMap(({ host, backends = [] }) =>
        backends.flatMap(({ name: backend, servers }) =>
          servers.map(({ name: server, status }) => ({
            labels: { host, backend, server },
            value: Number(status.startsWith('UP') || status === 'no check'),
          })),
        ),
      ),
    },
    {
      name: 'run_playbook_service_active',
      help: 'Whether a service runs on a host; of services that are enabled there.',
      samples: hosts.flatMap(({ host, services }) =>
        services
          .filter(({ enabled }) => enabled)
          .map((service) => ({
            labels: { host, service: service.name },
            value: Number(isRunning(service)),
          })),
      ),
    },
  ];
}

function one(name: string, help: string, value: number | undefined): Gauge {
  return { name: `run_playbook_${name}`, help, samples: value === undefined ? [] : [{ value }] };
}

/** 1 for each host that stands like this, 0 for the others. */
function flags(hosts: readonly DriftHost[], wanted: readonly DriftHostStatus[]): readonly Sample[] {
  return hosts.map(({ host, status }) => ({ labels: { host }, value: Number(wanted.includes(status)) }));
}

/** How many findings share the same labels. */
function counted(
  findings: readonly Finding[],
  labelsOf: (finding: Finding) => Readonly<Record<string, string>>,
): readonly Sample[] {
  const samples = new Map<string, Sample>();
  for (const finding of findings) {
    const labels = labelsOf(finding);
    const key = JSON.stringify(labels);
    samples.set(key, { labels, value: (samples.get(key)?.value ?? 0) + 1 });
  }
  return [...samples.values()];
}
