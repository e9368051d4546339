import { describe, expect, it } from 'vitest';
import type { RunCommand } from '../../src/cli/command.ts';
import { ask, isAsked, question } from '../../src/cli/confirm.ts';
import { formOf } from '../../src/cli/run-command.ts';
import { parse } from '../../src/cli/parse.ts';
import { barePlan } from '../report/recordings.ts';
import { fakeWorld, type WorldOptions } from './in-process.ts';

const NEVER = new AbortController().signal;

function command(line: string): RunCommand {
  const parsed = parse(line.split(' '));
  if (parsed.kind !== 'run') {
    throw new TypeError(`${line} runs no playbook`);
  }
  return parsed;
}

describe('asking before changes', () => {
  it.each<readonly [string, string, boolean, WorldOptions, boolean]>([
    ['at a terminal', 'phase1', false, { typed: '' }, true],
    ['not with --yes', 'phase1 --yes', false, { typed: '' }, false],
    ['not without a terminal', 'phase1', false, {}, false],
    ['not in CI', 'phase1', false, { typed: '', env: { CI: 'true' } }, false],
    ['but where CI says no', 'phase1', false, { typed: '', env: { CI: 'false' } }, true],
    ['not for the lab', 'phase1', true, { typed: '' }, false],
    ['with --json too', 'phase1 --json', false, { typed: '' }, true],
  ])('%s', (_, line, isLab, options, expected) => {
    expect(isAsked(command(line), isLab, fakeWorld(options).world)).toBe(expected);
  });

  it('says how much is changed where', () => {
    expect(question([barePlan('svr1'), barePlan('svr2')])).toBe('Apply 12 changes to svr1, svr2?');
  });

  it.each([
    ['y\n', true],
    ['YES\n', true],
    [' y \n', true],
    ['\n', false],
    ['n\n', false],
    ['yesterday\n', false],
    ['', false],
  ])('takes %j for %s', async (typed, expected) => {
    const { world, stderr } = fakeWorld({ typed });

    expect(await ask('Apply?', world, NEVER)).toBe(expected);
    expect(stderr.text).toContain('Apply? [y/N] ');
  });

  it('takes an interrupt for no', async () => {
    const { world } = fakeWorld({ typed: '' });

    expect(await ask('Apply?', world, AbortSignal.abort())).toBe(false);
  });
});

describe('who reads', () => {
  it.each<readonly [string, WorldOptions, string]>([
    ['phase1', { typed: '' }, 'live'],
    ['phase1', {}, 'plain'],
    ['phase1 -v', { typed: '' }, 'plain'],
    ['phase1', { typed: '', env: { CI: '1' } }, 'plain'],
    ['phase1', { typed: '', env: { TERM: 'dumb' } }, 'plain'],
    ['phase1 --json', { typed: '' }, 'json'],
    ['phase1 -q', { typed: '' }, 'quiet'],
  ])('run-playbook %s (%j): %s', (line, options, form) => {
    expect(formOf(command(line), fakeWorld(options).world)).toBe(form);
  });
});
