import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { printedDocument } from '../../src/report/document.ts';
import { drillDocument, failedDrillDocument } from '../../src/report/drill-document.ts';
import { faultListText } from '../../src/report/drill-list.ts';
import { drillMarkdown } from '../../src/report/drill-markdown.ts';
import { drillProgress } from '../../src/report/drill-progress.ts';
import { drillText } from '../../src/report/drill-text.ts';
import { inkFor } from '../../src/report/ink.ts';
import { faultNamed } from '../drill/faults.ts';
import { exceeded, notWhole, stopped, survived, type DrillRecording } from './drill-recordings.ts';

const VERIFY = 'run-playbook phase1 --check';
const SECRETS = [new Secret('swordfish')];

const PLAIN = inkFor({ color: false, unicode: true }, SECRETS);

const CASES: readonly (readonly [string, DrillRecording])[] = [
  ['survived', survived()],
  ['exceeded', exceeded()],
  ['not-whole', notWhole()],
  ['stopped', stopped()],
];

function printed({ events, result }: DrillRecording, { color = false, unicode = true } = {}): string {
  const ink = inkFor({ color, unicode }, SECRETS);
  let text = '';
  const listener = drillProgress((line) => {
    text += line;
  }, ink);
  events.forEach(listener);
  return `${text}--- stdout ---\n${drillText(result, ink, VERIFY)}`;
}

describe('what a drill prints', () => {
  it.each(CASES)('%s', async (name, recording) => {
    await expect(printed(recording)).toMatchFileSnapshot(`golden/drill-${name}.txt`);
  });

  it.each(CASES)('%s, as JSON', async (name, { result }) => {
    const text = printedDocument(drillDocument(result), PLAIN.masked);

    await expect(text).toMatchFileSnapshot(`golden/drill-${name}-json.txt`);
  });

  it.each(CASES)('%s, as Markdown', async (name, { result }) => {
    await expect(drillMarkdown(result, PLAIN)).toMatchFileSnapshot(`golden/drill-${name}-markdown.txt`);
  });

  it.each(CASES)('%s: no secret and nothing that a terminal would obey', (_, recording) => {
    const text = printed(recording) + drillMarkdown(recording.result, PLAIN);

    expect(text).not.toContain('swordfish');
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('has colours only where they are wanted, and says the same without Unicode', () => {
    expect(printed(exceeded(), { color: true })).toContain('\u001B[31m');
    expect(printed(exceeded(), { unicode: false })).toContain('FAIL kill-haproxy');
  });
});

it('targets of two virtual IPs are told apart by more than their port', () => {
  const { result } = exceeded();
  const targets = ['172.25.254.130', '172.25.254.140'].flatMap((address) =>
    result.targets.slice(0, 1).map((target) => ({ ...target, address })),
  );

  expect(drillText({ ...result, targets }, PLAIN, VERIFY)).toContain(
    '1,206 (172.25.254.130:80: 2, 172.25.254.140:80: 1,204)',
  );
});

it('what can be drilled is listed with its limit, and why it cannot be done here', async () => {
  const faults = [
    faultNamed('stop-nginx', { limits: { outageMs: 300 } }),
    faultNamed('reboot', { limits: { lost: 2, outageMs: 1000 } }),
    faultNamed('power-loss', { limits: {} }),
  ];
  const reasons = new Map([['power-loss', 'only the built-in lab can do this']]);
  const text = faultListText(faults, reasons, inkFor({ color: false, unicode: true }));

  await expect(text).toMatchFileSnapshot('golden/drill-list.txt');
});

it('a drill that broke nothing has a document, too', () => {
  const errors = [{ what: 'degraded already' }];

  expect(failedDrillDocument({ playbook: 'phase1', exit: 5, errors, ms: 812.4 })).toMatchObject({
    version: 1,
    kind: 'drill',
    exit: 5,
    rows: [],
    errors,
    ms: 812,
  });
});
