import { describe, expect, it } from 'vitest';
import type { Query, Seen } from '../../src/core/query.ts';
import type { Resource } from '../../src/core/resource.ts';
import { fileAt } from '../../src/queries/file.ts';
import { unitNamed } from '../../src/queries/unit.ts';
import {
  appliedQuery,
  isAsLeft,
  keepApplied,
  lastApplied,
  type LastApplied,
} from '../../src/stages/applied.ts';
import { RUNNING } from '../golden/observed.ts';
import { MemoryHost } from './memory-host.ts';

const UNIT = unitNamed('nginx.service');
const [OLD, NEW] = ['/etc/nginx/a.conf', '/etc/nginx/b.conf'].map(fileAt);

const FILE = { type: 'file', mode: '0644', owner: 'root', group: 'root', sizeBytes: 1, modifiedAt: 1 };

/** What a host answers: its unit as it runs, one file, nothing else. */
function seenWith({ unit = {}, file = {} }: { readonly unit?: object; readonly file?: object } = {}): Seen {
  return {
    answer: <T>({ family, key }: Query<T>) =>
      (family.name === 'unit'
        ? { ...RUNNING, ...unit }
        : key === OLD?.key
          ? { ...FILE, ...file }
          : { type: 'absent' }) as T,
  };
}

function resource(reads: Resource['reads'], kind = 'service'): Resource {
  return { id: 'service nginx', kind, needs: [], reads, plan: () => ({ is: 'ok' }) };
}

const NGINX = resource({ unit: UNIT, old: OLD ?? UNIT });

/** What a run leaves that left a host so. */
async function left(resources: readonly Resource[], seen: Seen): Promise<LastApplied | undefined> {
  const host = new MemoryHost('svr1');
  const run = { run: 'a', playbook: 'phase1', at: '2026-01-31T03:00:00Z' };
  await keepApplied(host.connection(), run, {
    resources,
    seen,
    digest: (text) => `keyed ${text.length} ${text}`,
  });
  const written = host.scripts.findLast((script) => script.includes('applied.json')) ?? '';
  const record = /'%s\s' '(\{.*\})' >/.exec(written)?.[1]?.replaceAll(`'\\''`, "'") ?? '';
  const last = lastApplied({ exit: 0, stdout: `key\n${record}` });
  return last && { ...last, digest: (text) => `keyed ${text.length} ${text}` };
}

describe('what the last run left', () => {
  it.each([
    ['untouched', {}, true],
    ['started again by systemd', { unit: { restarts: 3, sub: 'reload', active: 'reloading' } }, true],
    ['stopped', { unit: { active: 'inactive' } }, false],
    ['disabled', { unit: { unitFile: 'disabled' } }, false],
    ['not told of its unit file', { unit: { needsDaemonReload: true } }, false],
    ['with another file', { file: { sizeBytes: 2 } }, false],
    ['with a file that was written anew', { file: { modifiedAt: 2 } }, false],
  ])('%s', async (_, now, isSame) => {
    const last = await left([NGINX], seenWith());
    expect(isAsLeft(NGINX, seenWith(now), last)).toBe(isSame);
  });

  it('says nothing of what the project has since, and all the more of the rest', async () => {
    const last = await left([NGINX], seenWith());
    const more = resource({ ...NGINX.reads, new: NEW ?? UNIT });
    expect(isAsLeft(more, seenWith(), last)).toBe(true);
    expect(isAsLeft(more, seenWith({ file: { mode: '0600' } }), last)).toBe(false);
    expect(isAsLeft({ ...more, id: 'service haproxy' }, seenWith(), last)).toBe(true);
  });

  it('is unknown where no run has left a record, and never includes runs that have not ended', async () => {
    const last = await left([NGINX], seenWith());
    expect(isAsLeft(NGINX, seenWith(), undefined)).toBe(false);
    expect(isAsLeft(resource(NGINX.reads, 'run'), seenWith(), last)).toBe(false);
    expect(lastApplied({ exit: 1, stdout: '' })).toBeUndefined();
    expect(appliedQuery.key).toContain('applied.json');
  });
});
