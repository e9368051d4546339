import { describe, expect, it } from 'vitest';
import { Interrupt } from '../../src/cli/interrupt.ts';

function fresh() {
  const heard: (string | number)[] = [];
  const interrupt = new Interrupt({
    note: (line) => heard.push(line),
    quit: (exit) => heard.push(exit),
    look: 'run-playbook phase1 --check --diff',
    again: 'run-playbook phase1',
  });
  return { heard, interrupt };
}

describe('an interrupt', () => {
  it('aborts the run and says what is finished first', () => {
    const { heard, interrupt } = fresh();
    interrupt.hear({ type: 'change-started', host: 'svr1', id: 'package nginx', summary: '' });
    interrupt.interrupt(0);

    expect(interrupt.signal.aborted).toBe(true);
    expect(heard).toEqual(['interrupted: finishing package nginx on svr1; Ctrl-C again quits at once']);
  });

  it('has nothing to finish between changes', () => {
    const { heard, interrupt } = fresh();
    interrupt.hear({ type: 'change-started', host: 'svr1', id: 'package nginx', summary: '' });
    interrupt.hear({ type: 'change-done', host: 'svr1', id: 'package nginx', ms: 1 });
    interrupt.interrupt(0);

    expect(heard).toEqual(['interrupted: stopping; Ctrl-C again quits at once']);
  });

  it('is the same when npx or the parent passes it on at once', () => {
    const { heard, interrupt } = fresh();
    interrupt.interrupt(0);
    interrupt.interrupt(2);
    interrupt.interrupt(290);

    expect(heard).toHaveLength(1);
  });

  it('quits at the second press and says what is unfinished', () => {
    const { heard, interrupt } = fresh();
    interrupt.hear({ type: 'change-started', host: 'svr1', id: 'package nginx', summary: '' });
    interrupt.interrupt(0);
    interrupt.interrupt(1000);

    expect(heard.slice(1)).toEqual([
      'quit: svr1 was in the middle of package nginx; see what is left to do: run-playbook phase1 --check --diff; to go on: run-playbook phase1',
      130,
    ]);
  });

  it('lets a rollback end, or says that it has not', () => {
    const { heard, interrupt } = fresh();
    interrupt.hear({ type: 'rollback-started', host: 'svr1', changes: 2 });
    interrupt.interrupt(0);
    interrupt.interrupt(1000);

    expect(heard[0]).toBe('interrupted: finishing the rollback on svr1; Ctrl-C again quits at once');
    expect(heard[1]).toContain('quit: svr1 was in the middle of the rollback; ');
  });

  it('is listened to only while a run goes on', () => {
    const { heard, interrupt } = fresh();
    const before = process.listenerCount('SIGTERM');
    const stop = interrupt.listen();
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    process.emit('SIGTERM');
    stop();

    expect(process.listenerCount('SIGTERM')).toBe(before);
    expect(heard).toHaveLength(1);
  });
});
