import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { driftMetrics } from '../src/report/drift-metrics.ts';
import { fullReport } from './core/drift-reports.ts';

const FOLDER = fileURLToPath(new URL('../docs/monitoring/', import.meta.url));
const isInstalled = spawnSync('promtool', ['--version']).status === 0;

const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

/** Labels of each metric, in what a check of everything leaves. */
const METRICS: ReadonlyMap<string, ReadonlySet<string>> = (() => {
  const text = driftMetrics(fullReport(), { inventory: 'i', everyMs: 900_000, masked: (plain) => plain });
  const labels = new Map<string, Set<string>>();
  for (const [, name = '', inner = ''] of text.matchAll(/^(run_playbook_\w+)\{(.*)\} /gm)) {
    const names = [...inner.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
    labels.set(name, new Set([...(labels.get(name) ?? []), ...names]));
  }
  return labels;
})();

/** What a scrape adds. */
const SCRAPED = ['instance', 'job'];

/** Metrics and labels that an expression names and that do not exist. */
function unknownIn(expr: string): readonly string[] {
  const names = [...expr.matchAll(/run_playbook_\w+/g)].map(([name]) => name);
  const known = new Set([...names.flatMap((name) => [...(METRICS.get(name) ?? [])]), ...SCRAPED]);
  const grouped = [...expr.matchAll(/\b(?:by|without|on|ignoring) ?\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );
  const selected = [...expr.matchAll(/(run_playbook_\w+)\{([^}]*)\}/g)].flatMap(([, name = '', inner = '']) =>
    [...inner.matchAll(/(\w+) ?[!=]~?/g)]
      .map(([, label = '']) => label)
      .filter((label) => METRICS.get(name)?.has(label) !== true),
  );
  return [
    ...names.filter((name) => !METRICS.has(name)),
    ...grouped.filter((label) => !known.has(label)),
    ...selected,
  ];
}

/** Labels that a text shows and that the series of an expression may have. */
function unshownIn(text: string, pattern: RegExp, expr: string): readonly string[] {
  const names = [...expr.matchAll(/run_playbook_\w+/g)].map(([name]) => name);
  const by = /^(?:sum|min|max) by \(([^)]*)\)/.exec(expr)?.[1];
  const known = new Set(
    by?.split(',').map((label) => label.trim()) ?? names.flatMap((name) => [...(METRICS.get(name) ?? [])]),
  );
  return [...text.matchAll(pattern)].map(([, label = '']) => label).filter((label) => !known.has(label));
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description', string>>;
}

interface AlertTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly unknown[];
    }[];
  }[];
}

const promtool = (...args: readonly string[]) =>
  execFileSync('promtool', args, { cwd: FOLDER, encoding: 'utf8' });

describe('the example of alert rules', () => {
  const { groups } = parse(textOf('alerts.yml')) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);

  it('names metrics and labels that a check leaves', () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.flatMap(({ alert, expr }) => unknownIn(expr).map((name) => `${alert}: ${name}`))).toEqual(
      [],
    );
  });

  it('tells of labels that its series have', () => {
    const pattern = /\$labels\.(\w+)/g;
    const strays = rules.flatMap(({ alert, expr, annotations }) =>
      Object.values(annotations).flatMap((text) =>
        unshownIn(text, pattern, expr).map((label) => `${alert}: ${label}`),
      ),
    );
    expect(strays).toEqual([]);
  });

  it('has a test of each alert that it comes, and one that it does not', () => {
    const { tests } = parse(textOf('alerts.test.yml')) as AlertTests;
    const tried = tests.flatMap((test) => test.alert_rule_test);
    const names = (isExpected: boolean) =>
      new Set(
        tried.filter((one) => one.exp_alerts.length > 0 === isExpected).map(({ alertname }) => alertname),
      );
    const all = rules.map(({ alert }) => alert).toSorted();
    expect([...names(true)].toSorted()).toEqual(all);
    expect([...names(false)].toSorted()).toEqual(all);
  });

  it.skipIf(!isInstalled)('is what promtool takes, and does what its tests say', { timeout: 60_000 }, () => {
    expect(promtool('check', 'rules', 'alerts.yml')).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  });
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
  }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

describe('the example of a dashboard', () => {
  const dashboard = JSON.parse(textOf('dashboard.json')) as Dashboard;
  const { panels, templating } = dashboard;
  const shown = panels.filter(({ type }) => type !== 'row');
  const targets = shown.flatMap(({ title, targets: own = [] }) =>
    own.map((target) => ({ title, ...target })),
  );

  it('asks for metrics and labels that a check leaves', () => {
    expect(targets.length).toBeGreaterThan(15);
    expect(targets.flatMap(({ title, expr }) => unknownIn(expr).map((name) => `${title}: ${name}`))).toEqual(
      [],
    );
    const strays = targets.flatMap(({ title, expr, legendFormat }) =>
      unshownIn(legendFormat, /\{\{(\w+)\}\}/g, expr).map((label) => `${title}: ${label}`),
    );
    expect(strays).toEqual([]);
  });

  it('shows every metric but those that follow from others', () => {
    const asked = new Set(
      targets.flatMap(({ expr }) => [...expr.matchAll(/run_playbook_\w+/g)].map(([name]) => name)),
    );
    expect([...METRICS.keys()].filter((name) => !asked.has(name))).toEqual([
      'run_playbook_drift_next_check_timestamp_seconds',
    ]);
  });

  it('is about the chosen inventory and playbook in every panel', () => {
    const names = templating.list.map(({ name }) => name);
    expect(names).toEqual(['datasource', 'inventory', 'playbook']);
    const variables = JSON.stringify(dashboard).match(/\$\{?(\w+)/g) ?? [];
    expect([...new Set(variables.map((text) => text.replaceAll(/\W/g, '')))].toSorted()).toEqual(
      ['__all', ...names].toSorted(),
    );
    const selectors = targets.flatMap(({ expr }) => [...expr.matchAll(/run_playbook_\w+(\{[^}]*\})?/g)]);
    const chosen = 'inventory=~"$inventory", playbook=~"$playbook"';
    expect(selectors.filter(([, inner = '']) => !inner.includes(chosen))).toEqual([]);
    const queries = templating.list.slice(1).map(({ query }) => (query as { readonly query: string }).query);
    expect(
      queries.flatMap((query) => [...query.matchAll(/run_playbook_\w+/g)].map(([name]) => METRICS.has(name))),
    ).toEqual([true, true]);
  });

  it('has a number of its own for each panel, and a letter for each query', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const doubled = shown.filter(
      ({ targets: own = [] }) => new Set(own.map(({ refId }) => refId)).size < own.length,
    );
    expect(doubled.map(({ title }) => title)).toEqual([]);
  });

  it('lays no panel over another, nor beside the page', () => {
    const overlaps = panels.flatMap((one, index) =>
      panels.slice(index + 1).flatMap((other) => {
        const [a, b] = [one.gridPos, other.gridPos];
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        return apart ? [] : [`${one.title} and ${other.title}`];
      }),
    );
    expect(overlaps).toEqual([]);
    expect(panels.filter(({ gridPos: { x, w } }) => x < 0 || x + w > 24).map(({ title }) => title)).toEqual(
      [],
    );
  });

  it.skipIf(!isInstalled)('asks in a way that Prometheus understands', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rp-dashboard-'));
    const rules = targets.map(({ expr }, index) => ({ record: `query:${index}`, expr }));
    const file = join(folder, 'queries.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { status, stdout } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect([status, stdout]).toEqual([0, expect.stringContaining(`SUCCESS: ${targets.length} rules found`)]);
  });
});
