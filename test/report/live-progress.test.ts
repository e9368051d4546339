import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inkFor } from '../../src/report/ink.ts';
import { liveProgress } from '../../src/report/live-progress.ts';
import * as recordings from './recordings.ts';
import { Sink } from './sink.ts';

const INK = inkFor({ color: false, unicode: true });
const ESC = '\x1b';
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;

describe('the live view on a terminal', () => {
  it('is not shown for a run that is over at once', async () => {
    const terminal = new Sink({ isTTY: true });
    const progress = liveProgress(terminal.stream, INK);
    recordings.clean().events.forEach(progress.listener);
    await progress.clear();

    expect(terminal.text).toBe('');
  });

  it('shows the hosts at work, then leaves nothing behind', async () => {
    const terminal = new Sink({ isTTY: true });
    const progress = liveProgress(terminal.stream, INK);
    recordings.fresh().events.slice(0, 10).forEach(progress.listener);
    await shown(terminal, '1 of 6 changes');
    await progress.clear();

    expect(terminal.text).toContain('files /etc/nginx: 2 files');
    expect(terminal.text.startsWith(HIDE_CURSOR)).toBe(true);
    expect(terminal.text.trimEnd().endsWith(SHOW_CURSOR)).toBe(true);
    expect(screenAfter(terminal.text)).toBe('');
  });

  it('begins anew after the plan was shown', async () => {
    const terminal = new Sink({ isTTY: true });
    const progress = liveProgress(terminal.stream, INK);
    const { events } = recordings.fresh();
    events.slice(0, 2).forEach(progress.listener);
    await shown(terminal, 'reading');
    events.slice(2, 6).forEach(progress.listener);
    await progress.clear();
    const before = terminal.text.length;
    events.slice(6, 8).forEach(progress.listener);
    await shown(terminal, 'package nginx');
    await progress.clear();

    expect(terminal.text.slice(before)).toContain('verify');
  });

  it('shows a note below the hosts, and keeps it', async () => {
    const terminal = new Sink({ isTTY: true });
    const progress = liveProgress(terminal.stream, INK);
    recordings.fresh().events.slice(0, 10).forEach(progress.listener);
    await shown(terminal, '1 of 6 changes');
    progress.note('interrupted: stopping\x1b[2J');
    await shown(terminal, 'interrupted: stopping\\x1b[2J');
    await progress.clear();

    expect(screenAfter(terminal.text).trim()).toBe('interrupted: stopping\\x1b[2J');
  });

  it('redraws at most ten times a second however much happens', { timeout: 10_000 }, async () => {
    const terminal = new Sink({ isTTY: true });
    const progress = liveProgress(terminal.stream, INK);
    const { events } = recordings.fleetFresh();
    events.slice(0, 103).forEach(progress.listener);
    await shown(terminal, 'waiting');
    const before = terminal.writes.length;
    const until = performance.now() + 1000;
    for (let at = 103; performance.now() < until; at = at + 1 < events.length ? at + 1 : 103) {
      const event = events[at];
      if (event !== undefined) {
        progress.listener(event);
      }
      await pause(1);
    }
    const redraws = terminal.writes.length - before;
    await progress.clear();

    expect(redraws).toBeGreaterThan(3);
    expect(redraws).toBeLessThanOrEqual(12);
  });
});

async function shown(terminal: Sink, text: string): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!terminal.text.includes(text)) {
    if (performance.now() > deadline) {
      throw new Error(`${text} was not shown within 5 s, but:\n${terminal.text}`);
    }
    await pause(10);
  }
}

/** What stands on the screen at the end: lines erased by the view are gone. */
function screenAfter(text: string): string {
  const lines = [''];
  const parts = text.split(new RegExp(`(${ESC}\\[[0-9;?]*[A-Za-z]|\\n)`));
  for (const part of parts) {
    if (part === '\n') {
      lines.push('');
    } else if (part === `${ESC}[2K`) {
      lines[lines.length - 1] = '';
    } else if (part === `${ESC}[1A`) {
      lines.pop();
    } else if (!part.startsWith(ESC)) {
      lines[lines.length - 1] += part;
    }
  }
  return lines.join('\n');
}
