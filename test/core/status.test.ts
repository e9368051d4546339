import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/core/error.ts';
import { judgeStatus, type HostStatus } from '../../src/core/status.ts';

const VIP = '172.25.254.130';

function host(name: string, more: Partial<HostStatus> = {}): HostStatus {
  return {
    host: name,
    services: [{ name: 'nginx', active: 'active', enabled: true }],
    vrrp: [],
    heldBack: [],
    vips: [VIP],
    carries: [],
    armed: [],
    kept: [],
    ...more,
  };
}

const HOLDER = host('svr1', { carries: [VIP] });
const SILENT = { host: 'svr2', what: 'does not answer' };

const what = (status: ReturnType<typeof judgeStatus>) => status.problems.map((problem) => problem.what);

describe('hosts stand', () => {
  it('well with each virtual IP on one of them and every enabled service running', () => {
    const stopped = host('svr2', { services: [{ name: 'haproxy', active: 'inactive', enabled: false }] });
    const status = judgeStatus([HOLDER, stopped], []);
    expect(status).toMatchObject({ exit: EXIT.converged, problems: [] });
    expect(status.vips).toEqual([{ vip: VIP, holders: ['svr1'], members: ['svr1', 'svr2'] }]);
  });

  it('well where nothing is set up yet', () => {
    const bare = host('svr1', { vips: [], services: [] });
    expect(judgeStatus([bare], [])).toMatchObject({ exit: EXIT.converged, vips: [] });
  });

  it.each([
    ['no host', [host('svr1'), host('svr2')], `VIP ${VIP} is on no host`],
    ['two hosts', [HOLDER, host('svr2', { carries: [VIP] })], `VIP ${VIP} is on svr1 and svr2 at once`],
  ])('degraded with a virtual IP on %s', (_, hosts, expected) => {
    const status = judgeStatus(hosts, []);
    expect([status.exit, what(status)]).toEqual([EXIT.degraded, [expected]]);
  });

  it.each(['inactive', 'failed', 'activating'])('degraded with an enabled service that is %s', (active) => {
    const status = judgeStatus(
      [HOLDER, host('svr2', { services: [{ name: 'nginx', active, enabled: true }] })],
      [],
    );
    expect([status.exit, what(status)]).toEqual([EXIT.degraded, [`nginx is enabled and ${active}`]]);
    expect(status.problems[0]?.host).toBe('svr2');
  });

  it('degraded when a host could not take a virtual IP over', () => {
    const status = judgeStatus([HOLDER, host('svr2', { heldBack: ['check_nginx says unhealthy'] })], []);
    expect([status.exit, what(status)]).toEqual([
      EXIT.degraded,
      ['cannot take a VIP over: check_nginx says unhealthy'],
    ]);
  });

  it('unknown with a virtual IP on nobody that answers: the host that does not may carry it', () => {
    expect(judgeStatus([host('svr1')], [SILENT])).toMatchObject({ exit: EXIT.unreachable, problems: [] });
    expect(judgeStatus([HOLDER], [SILENT]).exit).toBe(EXIT.unreachable);
  });

  it('well with a virtual IP on nobody that was asked: the others may carry it', () => {
    expect(judgeStatus([host('svr2')], [], false)).toMatchObject({ exit: EXIT.converged, problems: [] });
    const both = [HOLDER, host('svr2', { carries: [VIP] })];
    expect(judgeStatus(both, [], false).exit).toBe(EXIT.degraded);
  });
});
