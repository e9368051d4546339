import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { mask, Secret } from '../../src/core/secret.ts';
import { driftMetrics, type MetricsOptions } from '../../src/report/drift-metrics.ts';
import { at, finding, fullReport, report } from '../core/drift-reports.ts';

const OPTIONS: MetricsOptions = {
  inventory: '/srv/web/hosts.yml',
  everyMs: 900_000,
  masked: (text) => text,
};
const NAMES = /^run_playbook_(drift|vip|backend|service)_[a-z_]+$/;

/** Samples as a reader of the text format sees them; anything else than that format is an error. */
function parsed(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  let family = '';
  let described = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const comment = /^# (?<kind>HELP|TYPE) (?<name>\S+) (?<rest>.+)$/.exec(line)?.groups;
    if (comment !== undefined) {
      const { kind = '', name = '', rest } = comment;
      described = name === family ? new Set([...described, kind]) : new Set([kind]);
      family = name;
      expect(kind === 'HELP' || rest === 'gauge').toBe(true);
      continue;
    }
    const sample =
      /^(?<name>[a-z_]+)\{(?<labels>(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (?<value>[-+\d.e]+)$/.exec(
        line,
      );
    const { name = line, labels = '', value } = sample?.groups ?? {};
    expect([name, [...described].toSorted()]).toEqual([family, ['HELP', 'TYPE']]);
    expect(name).toMatch(NAMES);
    const key = `${name}{${labels.replace(/^playbook="[^"]*",inventory="[^"]*",?/, '')}}`;
    expect(samples.has(key)).toBe(false);
    samples.set(key, Number(value));
  }
  return samples;
}

describe('the metrics of a drift check', () => {
  it('are these', () => {
    const samples = [...parsed(driftMetrics(fullReport(), OPTIONS))];
    expect(samples.map(([name, value]) => `${name.replace('run_playbook_', '')} ${value}`))
      .toMatchInlineSnapshot(`
      [
        "drift_last_check_timestamp_seconds{} 1769828400",
        "drift_check_duration_seconds{} 0.912",
        "drift_exit_code{} 8",
        "drift_check_interval_seconds{} 900",
        "drift_next_check_timestamp_seconds{} 1769829300",
        "drift_expired_ignore_rules{} 1",
        "drift_objects{host="cluster",role="",class="vip",severity="degraded"} 1",
        "drift_objects{host="svr1",role="nginx",class="file",severity="drift"} 2",
        "drift_objects{host="svr2",role="nginx",class="file",severity="pending"} 1",
        "drift_ignored_objects{host="svr1"} 2",
        "drift_host_in_sync{host="svr1"} 0",
        "drift_host_in_sync{host="svr2"} 1",
        "drift_host_unreachable{host="svr1"} 0",
        "drift_host_unreachable{host="svr2"} 0",
        "drift_host_unreachable{host="svr3"} 1",
        "drift_host_unreachable{host="svr4"} 0",
        "drift_host_suppressed{host="svr1"} 0",
        "drift_host_suppressed{host="svr2"} 0",
        "drift_host_suppressed{host="svr3"} 0",
        "drift_host_suppressed{host="svr4"} 1",
        "vip_owner{vip="192.0.2.10",host="svr1"} 1",
        "vip_owner{vip="192.0.2.10",host="svr2"} 0",
        "vip_able_hosts{vip="192.0.2.10"} 1",
        "backend_server_up{host="svr1",backend="web",server="svr1"} 1",
        "backend_server_up{host="svr1",backend="web",server="svr2"} 0",
        "service_active{host="svr1",service="nginx"} 1",
        "service_active{host="svr1",service="keepalived"} 1",
        "service_active{host="svr2",service="nginx"} 0",
        "service_active{host="svr2",service="keepalived"} 1",
      ]
    `);
  });

  it('of a pair in sync say so', () => {
    const samples = parsed(driftMetrics(report(), { ...OPTIONS, everyMs: undefined }));
    const names = [...samples.keys()];
    expect(names.filter((name) => /drift_objects|interval|next_check/.test(name))).toEqual([]);
    expect(samples.get('run_playbook_drift_exit_code{}')).toBe(0);
    expect(samples.get('run_playbook_drift_host_in_sync{host="svr2"}')).toBe(1);
    expect(samples.get(`run_playbook_vip_able_hosts{vip="192.0.2.10"}`)).toBe(2);
  });

  it('tell when the next check is due', () => {
    const samples = parsed(driftMetrics(report(), OPTIONS));
    const begun = Date.parse(at('03:00')) / 1000;
    expect(samples.get('run_playbook_drift_last_check_timestamp_seconds{}')).toBe(begun);
    expect(samples.get('run_playbook_drift_next_check_timestamp_seconds{}')).toBe(begun + 900);
    expect(samples.get('run_playbook_drift_check_duration_seconds{}')).toBe(0.912);
  });

  it('name the playbook and the inventory with every sample', () => {
    const lines = driftMetrics(fullReport(), OPTIONS).split('\n');
    const samples = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(samples.length).toBeGreaterThan(20);
    const shared = '{playbook="phase2",inventory="/srv/web/hosts.yml"';
    expect(samples.filter((line) => !line.includes(shared))).toEqual([]);
  });

  it('escape what labels may hold, and have no secret', () => {
    const odd = report({ playbook: 'a"b\\c\nd', findings: [finding('x', { host: 'hunter2', role: 'é}' })] });
    const secret = new Secret('hunter2');
    const text = driftMetrics(odd, { ...OPTIONS, masked: (plain) => mask(plain, [secret]) });
    expect(text).toContain(String.raw`{playbook="a\"b\\c\nd",inventory="/srv/web/hosts.yml"`);
    expect(text).toContain('host="[secret]",role="é}"');
    expect(parsed(text).size).toBeGreaterThan(10);
  });
});

const isInstalled = spawnSync('promtool', ['--version']).status === 0;

describe.skipIf(!isInstalled)('promtool finds nothing wrong with the metrics', () => {
  it.each([
    ['of everything', fullReport()],
    ['of a pair in sync', report()],
    ['of odd names', report({ playbook: 'a"b\\c\nd', findings: [finding('x', { role: 'é}' })] })],
  ])('%s', (_, one) => {
    const input = driftMetrics(one, OPTIONS);
    expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
  });

  it('and would: a counter that is none', () => {
    const input = driftMetrics(report(), OPTIONS).replaceAll('exit_code', 'exit_code_total');
    expect(spawnSync('promtool', ['check', 'metrics'], { input }).status).not.toBe(0);
  });
});
