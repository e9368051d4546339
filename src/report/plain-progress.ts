import type { Trouble } from '../core/error.ts';
import type { HostStep, RunEvent } from '../core/event.ts';
import { pendingSteps } from '../core/plan.ts';
import type { Ink } from './ink.ts';
import { count, duration, hostNames, thousands, watchedNames } from './phrases.ts';
import type { Progress } from './reporter.ts';

/** One line for each event: for a log, a pipe, or a person who wants to read along. */
export function plainProgress(write: (text: string) => void, ink: Ink): Progress {
  const losses = new Map<string, number>();
  return {
    listener: (event) => {
      if (event.type === 'watch-lost') {
        // A line for each doubling: an outage of a minute is seven lines, not sixty.
        if (event.lost < 2 * (losses.get(event.target) ?? 0)) {
          return;
        }
        losses.set(event.target, event.lost);
      }
      const line = eventLine(event, ink);
      write(`${line}\n`);
    },
    note: (line) => write(`${ink.yellow(ink.line(line))}\n`),
    clear: async () => {},
  };
}

const STEPS: Readonly<Record<HostStep, string>> = {
  locked: 'locked',
  verified: 'is as declared',
  confirmed: 'lets in a new connection',
  forgotten: 'complete: how to take it back is no longer kept',
  logged: 'this run is in its log',
  unlocked: 'unlocked',
};

/** What an event says, on one line. */
export function eventLine(event: RunEvent, ink: Ink): string {
  switch (event.type) {
    case 'run-started': {
      const mode = event.check ? 'checking' : 'reading';
      return `${ink.bold(ink.line(event.playbook))}  ${mode} ${ink.line(hostNames(event.hosts))}`;
    }
    case 'planned': {
      const pending = event.plans.reduce((sum, plan) => sum + pendingSteps(plan).length, 0);
      const warned = event.warnings.length === 0 ? '' : `, ${count(event.warnings.length, 'warning')}`;
      return `planned  ${pending === 0 ? 'nothing to change' : count(pending, 'change')}${warned}`;
    }
    case 'check-waiting':
      return `check  ${ink.line(event.check)}: waiting, ${ink.line(event.detail)}`;
    case 'check-judged': {
      const { ok, detail } = event.judgement;
      return `check  ${ink.line(event.check)}: ${ok ? '' : ink.red('failed, ')}${ink.line(detail)}`;
    }
    case 'watch-started':
      return `watch  ${event.perSecond} requests a second to ${ink.line(watchedNames(event.targets))}`;
    case 'watch-lost': {
      const lost = event.lost === 1 ? 'a request' : `${count(event.lost, 'request')} so far`;
      return `watch  ${ink.line(event.target)} ${ink.red('lost')} ${lost} (${ink.line(event.reason)})`;
    }
    case 'watch-ended':
      return `watch  ${count(event.sent, 'request')} sent, ${event.lost === 0 ? '0 lost' : ink.red(`${thousands(event.lost)} lost`)}`;
    default:
      return `${ink.bold(ink.line(event.host))}  ${hostText(event, ink)}`;
  }
}

function hostText(event: Extract<RunEvent, { host: string }>, ink: Ink): string {
  switch (event.type) {
    case 'host-connecting':
      return ink.dim('connecting');
    case 'host-waiting':
      return ink.yellow(`waits for ${ink.line(event.holder)}`);
    case 'host-probed':
      return `read in ${duration(event.ms)}, ${count(event.resources, 'item')}`;
    case 'host-step':
      return ink.dim(STEPS[event.step]);
    case 'host-surveying':
      return ink.dim('asking about its network, ports and limits');
    case 'host-unreachable':
      return `${ink.red('unreachable:')} ${troubleLine(event.trouble, ink)}`;
    case 'host-started':
      return `starting ${count(event.changes, 'change')}`;
    case 'rollback-started':
      return ink.yellow(`taking back ${count(event.changes, 'change')}`);
    case 'change-undone':
      return ink.dim(`${ink.line(event.id)}: taken back`);
    case 'rollback-ended':
      return event.rollback.left.length === 0
        ? 'as before'
        : ink.red(`not as before: ${ink.line(event.rollback.left.join('; '))}`);
    case 'change-started':
      return `${ink.line(event.id)}: ${ink.line(event.summary)}`;
    case 'change-done':
      return ink.dim(`${ink.line(event.id)}: done in ${duration(event.ms)}`);
    case 'change-unneeded':
      return ink.dim(`${ink.line(event.id)}: is as declared, not needed`);
    case 'change-deferred':
      return `${ink.line(event.id)}: later, ${ink.line(event.reason)}`;
    case 'change-failed':
      return `${ink.line(event.id)}: ${ink.red('failed:')} ${troubleLine(event.trouble, ink)}`;
    case 'host-done':
      return `${ink.green('done')} in ${duration(event.ms)}`;
    case 'host-failed':
      return `${ink.red('failed:')} ${troubleLine(event.trouble, ink)}`;
    case 'host-skipped':
      return `${ink.yellow('not begun:')} ${ink.line(event.reason)}`;
  }
}

function troubleLine({ what, ended }: Trouble, ink: Ink): string {
  return ink.line(ended === undefined ? what : `${what} (${ended})`);
}
