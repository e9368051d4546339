import { EXIT, type Trouble } from '../../src/core/error.ts';
import type { RunEvent } from '../../src/core/event.ts';
import type { LintFinding } from '../../src/core/lint.ts';
import { changeIds, pendingSteps, type HostPlan, type PlanStep } from '../../src/core/plan.ts';
import type { Change, Resource } from '../../src/core/resource.ts';
import type { AppliedChange, CheckResult, HostResult, RunResult } from '../../src/core/result.ts';
import { OK } from '../../src/core/resource.ts';

/** A run as it was heard and how it ended: what every reporter is tried on. */
export interface Recording {
  readonly events: readonly RunEvent[];
  readonly result: RunResult;
}

type Shown = Omit<Change, 'apply'>;

/** A step of a plan, as far as reports look at it. */
export function step(
  role: string,
  id: string,
  wanted: 'ok' | Shown | { readonly unknown: string },
): PlanStep {
  const resource: Resource = {
    id,
    kind: id.split(' ')[0] ?? id,
    role,
    needs: [],
    reads: {},
    plan: () => OK,
  };
  if (wanted === 'ok') {
    return { is: 'ok', resource };
  }
  if ('unknown' in wanted) {
    return { is: 'unknown', resource, reason: wanted.unknown };
  }
  return { is: 'change', resource, change: { ...wanted, apply: { text: 'true', secrets: [] } } };
}

const KEEPALIVED_CONF = `global_defs {
  router_id svr1
  enable_script_security
}

vrrp_instance VI_1 {
  state BACKUP
  virtual_router_id 62
  authentication {
    auth_type PASS
    auth_pass swordfish
  }
}
`;

const OLD_KEEPALIVED_CONF = KEEPALIVED_CONF.replace('swordfish', '1111').replace('BACKUP', 'MASTER');

/** Phase 1 on a bare host. */
export function barePlan(host: string): HostPlan {
  return {
    host,
    steps: [
      step('nginx', 'package nginx', { summary: 'not installed -> 1.22.1-9+deb12u3' }),
      step('nginx', 'files /etc/nginx', {
        summary: '2 files',
        details: [
          '/etc/nginx/nginx.conf  mode 0666 -> 0644',
          '/etc/nginx/sites-enabled/health.conf  created, root:root 0644',
        ],
        destroys: ['/etc/nginx/sites-enabled/default'],
        diff: [
          {
            path: '/etc/nginx/sites-enabled/health.conf',
            before: undefined,
            after: 'server {\n  listen 80;\n\n  location = /healthz {\n    return 200 "ok";\n  }\n}\n',
          },
          {
            path: '/etc/nginx/nginx.conf',
            before: 'user www-data;\nworker_processes 1;\n\nevents {\n  worker_connections 768;\n}',
            after: 'user www-data;\nworker_processes auto;\n\nevents {\n  worker_connections 768;\n}\n',
          },
        ],
      }),
      step('nginx', 'service nginx', { unknown: 'after package nginx' }),
      step('keepalived', 'package keepalived', { summary: 'not installed -> 1:2.2.7-1+b2' }),
      step('keepalived', 'files /etc/keepalived', {
        summary: '1 file',
        cannotUndo: 'the VIP may move once',
        diff: [
          { path: '/etc/keepalived/keepalived.conf', before: OLD_KEEPALIVED_CONF, after: KEEPALIVED_CONF },
          { path: '/etc/keepalived/logo.bin', before: undefined, after: undefined },
        ],
      }),
      step('keepalived', 'sysctl net.ipv4.ip_nonlocal_bind', 'ok'),
      step('keepalived', 'service keepalived', {
        summary: 'stopped -> running, disabled -> enabled, and restarted whenever it ends',
      }),
    ],
  };
}

export function cleanPlan(host: string): HostPlan {
  const steps = barePlan(host).steps.map(({ resource }) => step(resource.role ?? '', resource.id, 'ok'));
  return { host, steps };
}

const CHECKS: readonly CheckResult[] = [
  {
    check: 'VIP 172.25.254.130 on exactly one host',
    judgement: { ok: true, detail: 'held by svr1', values: { vipHolder: 'svr1' } },
  },
  {
    check: 'HTTP through the VIP',
    judgement: { ok: true, detail: '200 from http://172.25.254.130/healthz', values: { httpStatus: 200 } },
  },
];

const TRAFFIC = { connections: 1, execs: 1, bytesUp: 4821, bytesDown: 1933 };

export function hostResult(plan: HostPlan, wanted: Partial<HostResult> = {}): HostResult {
  const status = pendingSteps(plan).length === 0 ? 'ok' : 'pending';
  return { host: plan.host, status, plan, applied: [], unneeded: [], traffic: TRAFFIC, ms: 412, ...wanted };
}

function applied(plan: HostPlan): readonly AppliedChange[] {
  return changeIds(plan).map((id, index) => ({ id, summary: `did ${id}`, ms: 150 * (index + 1) }));
}

function readEvents(plans: readonly HostPlan[], isCheck: boolean): readonly RunEvent[] {
  const hosts = plans.map((plan) => plan.host);
  return [
    { type: 'run-started', playbook: 'phase1', hosts, check: isCheck },
    ...hosts.map((host) => ({ type: 'host-connecting' as const, host })),
    ...hosts.map((host) => ({ type: 'host-probed' as const, host, ms: 380, resources: 7 })),
    { type: 'planned', plans, warnings: [] },
  ];
}

function applyEvents(plan: HostPlan): readonly RunEvent[] {
  const { host } = plan;
  return [
    { type: 'host-started', host, changes: pendingSteps(plan).length },
    ...pendingSteps(plan).flatMap((each, index): RunEvent[] => {
      const { id } = each.resource;
      const summary = each.is === 'change' ? each.change.summary : 'stopped -> running';
      return [
        { type: 'change-started', host, id, summary },
        { type: 'change-done', host, id, ms: 150 * (index + 1) },
      ];
    }),
    { type: 'host-done', host, ms: 4132 },
  ];
}

function checkEvents(): readonly RunEvent[] {
  return [
    {
      type: 'check-waiting',
      check: 'VIP 172.25.254.130 on exactly one host',
      detail: 'held by no host yet',
    },
    ...CHECKS.map((each) => ({ type: 'check-judged' as const, ...each })),
  ];
}

function resultOf(hosts: readonly HostResult[], wanted: Partial<RunResult>): RunResult {
  return {
    playbook: 'phase1',
    check: false,
    exit: EXIT.converged,
    hosts,
    warnings: [],
    checks: [],
    troubles: [],
    ms: 9412,
    ...wanted,
  };
}

/** Both hosts bare, everything done. */
export function fresh(): Recording {
  const plans = ['svr2', 'svr1'].map(barePlan);
  return {
    events: [...readEvents(plans, false), ...plans.flatMap(applyEvents), ...checkEvents()],
    result: resultOf(
      plans.map((plan) => hostResult(plan, { status: 'changed', applied: applied(plan), ms: 4544 })),
      { checks: CHECKS },
    ),
  };
}

/** Nothing to do. */
export function clean(): Recording {
  const plans = ['svr1', 'svr2'].map(cleanPlan);
  return {
    events: [...readEvents(plans, false), ...checkEvents().slice(1)],
    result: resultOf(
      plans.map((plan) => hostResult(plan)),
      { checks: CHECKS, ms: 801 },
    ),
  };
}

/** `--check` with one bare host and one that is as declared. */
export function check(): Recording {
  const plans = [barePlan('svr1'), cleanPlan('svr2')];
  return {
    events: readEvents(plans, true),
    result: resultOf(
      plans.map((plan) => hostResult(plan)),
      { check: true, exit: EXIT.changesPending, ms: 801 },
    ),
  };
}

const INVALID_CONFIG: Trouble = {
  host: 'svr2',
  resource: 'files /etc/nginx',
  what: 'the staged configuration is not valid, nothing was installed',
  command: 'nginx -t -c /etc/nginx/.rp-stage/nginx.conf',
  ended: 'exit 1',
  why: [
    'nginx: [emerg] unknown directive "lisen" in sites-enabled/default:3\nnginx: configuration file test failed',
    'the password swordfish was refused',
  ],
  from: 'roles/nginx/index.ts:14',
  hint: 'fix roles/nginx/templates/site.conf.ejs, then: run-playbook phase1 --check --diff --limit svr2',
};

/** The second change of the first host fails, and the other host is not begun. */
export function failure(): Recording {
  const [first, second] = [barePlan('svr2'), barePlan('svr1')];
  return {
    events: [
      ...readEvents([first, second], false),
      ...applyEvents(first).slice(0, 4),
      { type: 'change-failed', host: 'svr2', id: 'files /etc/nginx', trouble: INVALID_CONFIG },
      { type: 'host-failed', host: 'svr2', trouble: INVALID_CONFIG },
      { type: 'host-skipped', host: 'svr1', reason: 'svr2 failed' },
    ],
    result: resultOf(
      [
        hostResult(first, {
          status: 'failed',
          applied: applied(first).slice(0, 1),
          trouble: INVALID_CONFIG,
          ms: 3120,
        }),
        hostResult(second, { status: 'skipped' }),
      ],
      {
        exit: EXIT.failed,
        ms: 3544,
        checks: [
          {
            check: 'HTTP through the VIP',
            judgement: {
              ok: false,
              detail: 'no answer from http://172.25.254.130/healthz within 2 s',
              hint: 'see which host should hold the VIP: run-playbook phase1 --check -v',
            },
          },
        ],
      },
    ),
  };
}

const WARNINGS: readonly LintFinding[] = [
  {
    code: 'HA112',
    level: 'warn',
    title: 'advert_int below what short pauses allow',
    path: 'keepalived.advert_int',
    what: 'is 0.05: a pause of 200 ms is enough to move the virtual IP',
    hint: 'set keepalived.advert_int: 0.2, or 1 on virtual machines',
    from: 'inventory/hosts.yml:12:21',
    excerpt: ['        advert_int: 0.05', '                    ^'],
  },
  {
    code: 'HA145',
    level: 'warn',
    title: 'The network could not be looked at',
    host: 'svr2',
    path: 'keepalived.vips',
    what: 'the network of svr2 could not be looked at: there is no perl, and swordfish\u001b[2J',
  },
];

/** A recorded run that something was said against. */
export function warned({ events, result }: Recording): Recording {
  return {
    events: events.flatMap((event): readonly RunEvent[] =>
      event.type === 'planned'
        ? [
            { type: 'host-surveying', host: 'svr1' },
            { ...event, warnings: WARNINGS },
          ]
        : [event],
    ),
    result: { ...result, warnings: WARNINGS },
  };
}

/** One of two hosts does not answer. */
export function unreachable(): Recording {
  const trouble: Trouble = {
    host: 'svr2',
    what: 'cannot connect to 172.25.254.132:22: connection refused',
    hint: 'is sshd running there? ssh deploy@172.25.254.132',
  };
  const plan = barePlan('svr1');
  const dead: HostResult = {
    ...hostResult({ host: 'svr2', steps: [] }, { status: 'unreachable', trouble, ms: 31 }),
    plan: undefined,
  };
  return {
    events: [
      ...readEvents([plan, { host: 'svr2', steps: [] }], false).slice(0, 4),
      { type: 'host-unreachable', host: 'svr2', trouble },
      { type: 'planned', plans: [plan], warnings: [] },
      { type: 'host-skipped', host: 'svr1', reason: 'svr2 is unreachable' },
    ],
    result: resultOf([hostResult(plan, { status: 'skipped' }), dead], { exit: EXIT.unreachable, ms: 533 }),
  };
}

/** Ctrl-C while the second change of the first host is made. */
export function interrupted(): Recording {
  const [first, second] = [barePlan('svr2'), barePlan('svr1')];
  return {
    events: [...readEvents([first, second], false), ...applyEvents(first).slice(0, 5)],
    result: resultOf(
      [
        hostResult(first, { applied: applied(first).slice(0, 2), unneeded: [], ms: 1720 }),
        hostResult(second),
      ],
      { exit: EXIT.interrupted, ms: 1980 },
    ),
  };
}

const FLEET = Array.from({ length: 50 }, (_, index) => `web${String(index + 1).padStart(2, '0')}`);

/** 50 hosts of which every tenth is bare, checked. */
export function fleetCheck(): Recording {
  const plans = FLEET.map((host, index) => (index % 10 === 3 ? barePlan(host) : cleanPlan(host)));
  return {
    events: readEvents(plans, true),
    result: resultOf(
      plans.map((plan, index) => hostResult(plan, { ms: 400 + index })),
      { check: true, exit: EXIT.changesPending, ms: 2210 },
    ),
  };
}

/** 50 hosts with nothing to do. */
export function fleetClean(): Recording {
  const plans = FLEET.map(cleanPlan);
  return {
    events: readEvents(plans, false),
    result: resultOf(
      plans.map((plan, index) => hostResult(plan, { ms: 400 + index })),
      { ms: 2210 },
    ),
  };
}

/** 50 bare hosts, all done but one. */
export function fleetFresh(): Recording {
  const plans = FLEET.map(barePlan);
  const trouble: Trouble = { host: 'web17', what: 'connection lost', ended: 'connection lost' };
  const results = plans.map((plan, index) =>
    plan.host === 'web17'
      ? hostResult(plan, { status: 'failed', applied: applied(plan).slice(0, 2), trouble, ms: 2000 })
      : hostResult(plan, { status: 'changed', applied: applied(plan), ms: 4000 + index }),
  );
  return {
    events: [...readEvents(plans, false), ...plans.flatMap(applyEvents)],
    result: resultOf(results, { exit: EXIT.failed, ms: 61_210 }),
  };
}

/** A host that answers with what would take over the terminal. */
export function hostile(): Recording {
  const evil = 'ok\x1b[2J\x1b]0;owned\x07\r\u009b31m\u202egnp.exe\u200b\nsecond line';
  const plan: HostPlan = {
    host: 'svr1',
    steps: [
      step('nginx', 'files /etc/motd', {
        summary: evil,
        details: [evil],
        destroys: [evil],
        diff: [{ path: '/etc/motd', before: `${evil}\r\n`, after: 'welcome\twith a tab\n' }],
      }),
      step('nginx', 'service nginx', { unknown: evil }),
    ],
  };
  const trouble: Trouble = { host: 'svr1', what: evil, command: evil, ended: evil, why: [evil], hint: evil };
  return {
    events: [
      ...readEvents([plan], false),
      { type: 'host-started', host: 'svr1', changes: 2 },
      { type: 'change-started', host: 'svr1', id: 'files /etc/motd', summary: evil },
      { type: 'change-failed', host: 'svr1', id: 'files /etc/motd', trouble },
      { type: 'host-failed', host: 'svr1', trouble },
    ],
    result: resultOf([hostResult(plan, { status: 'failed', trouble })], {
      exit: EXIT.failed,
      checks: [{ check: evil, judgement: { ok: false, detail: evil, hint: evil } }],
    }),
  };
}
