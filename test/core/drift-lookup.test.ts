import { describe, expect, it } from 'vitest';
import { lookUp } from '../../src/core/drift-lookup.ts';
import { InvalidInput } from '../../src/core/error.ts';
import { at, finding, report } from './drift-reports.ts';

const CONF = { ...finding('/etc/nginx/nginx.conf'), id: 'f1aaaaaaaaaa' };
const UNIT = { ...finding('nginx.service'), id: 'f2bbbbbbbbbb' };
const CHECKS = [
  { report: report({ id: 'c1aaaaaaaaaa', at: at('03:00'), findings: [CONF] }) },
  { report: report({ id: 'c1bbbbbbbbbb', at: at('03:15'), findings: [{ ...CONF, found: 'missing' }] }) },
  { report: report({ id: 'f1cccccccccc', at: at('03:30'), findings: [UNIT] }) },
];

function refusal(id: string) {
  try {
    return lookUp(id, CHECKS);
  } catch (error) {
    return error instanceof InvalidInput ? error.trouble : error;
  }
}

describe('an id', () => {
  it('is of a check', () => {
    expect(lookUp('c1aaaaaaaaaa', CHECKS)).toMatchObject({ is: 'check', report: { at: at('03:00') } });
  });

  it('may be cut short as long as nothing else begins like it', () => {
    expect(lookUp('c1b', CHECKS)).toMatchObject({ is: 'check', report: { at: at('03:15') } });
  });

  it('is of a finding: as it was seen last, with its spans', () => {
    expect(lookUp('f1a', CHECKS)).toMatchObject({
      is: 'finding',
      finding: { item: '/etc/nginx/nginx.conf', found: 'missing' },
      check: { id: 'c1bbbbbbbbbb', at: at('03:15'), playbook: 'phase1' },
      spans: [{ firstSeen: at('03:00'), lastSeen: at('03:15'), isOpen: false }],
    });
  });

  it.each([
    ['c1', ['check c1aaaaaaaaaa', 'check c1bbbbbbbbbb']],
    ['f1', ['check f1cccccccccc', 'finding f1aaaaaaaaaa: svr1 /etc/nginx/nginx.conf']],
    ['f', ['check f1cccccccccc', 'finding f1aaaaaaaaaa', 'finding f2bbbbbbbbbb']],
    ['', ['check c1aaaaaaaaaa', 'check c1bbbbbbbbbb', 'check f1cccccccccc', 'finding', 'and 1 more']],
  ])('%j is how several begin, which are named', (id, named) => {
    expect(refusal(id)).toMatchObject({
      what: `more than one id begins with ${id}`,
      why: named.map((start) => expect.stringContaining(start)),
    });
  });

  it('may be of nothing', () => {
    expect(refusal('e')).toMatchObject({ what: 'no check and no finding of these hosts has the id e' });
  });
});
