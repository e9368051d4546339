import { HostFailed, type Trouble } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import {
  isTooMuchLost,
  isUncounted,
  targetNames,
  totalLost,
  type Gap,
  type Watcher,
  type WatchReport,
  type WatchRequest,
  type WatchResult,
} from '../core/watch.ts';
import { WatchTimeline } from './watch-timeline.ts';

/** Work that was done under watch. */
export interface Watched<T> {
  /** Absent when it was not begun. */
  readonly value?: T;
  readonly watch: WatchResult;
  /** What fails the run: more losses than are allowed, or that nobody counted them all. */
  readonly troubles: readonly Trouble[];
}

type Counted = WatchResult & { readonly report: WatchReport };

const GAPS_TOLD = 5;

/**
 * Does `work` while clients' requests are sent and counted, from before it begins until after it has ended.
 *
 * The prober ends in every case; work is not begun when it cannot be watched.
 *
 * @param work its events go through the listener that it is given
 */
export async function underWatch<T>(
  request: WatchRequest,
  listener: Listener,
  work: (listener: Listener) => Promise<T>,
): Promise<Watched<T>> {
  const { targets, perSecond, maxLost } = request;
  const names = targetNames(targets);
  const name = (index: number) => names[index] ?? '';
  let watcher: Watcher;
  try {
    watcher = await request.start(({ target, reason, lost }) =>
      listener({ type: 'watch-lost', target: name(target), reason, lost }),
    );
  } catch (error) {
    const what = 'the watch could not be started, nothing was changed';
    return { watch: { maxLost }, troubles: [proberFailed(what, error)] };
  }
  const shown = watcher.first.map((first, index) => ({ name: name(index), first }));
  listener({ type: 'watch-started', perSecond, targets: shown });
  const timeline = new WatchTimeline();
  let value: T;
  try {
    value = await work(timeline.heardBy(listener));
  } catch (error) {
    // What stopped the work is what has to be told.
    await watcher.stop().catch(() => {});
    throw error;
  }
  try {
    const report = await watcher.stop();
    const lost = totalLost(report);
    const sent = report.targets.reduce((sum, target) => sum + target.sent, 0);
    listener({ type: 'watch-ended', sent, lost });
    const watch = { report, maxLost };
    const troubles = [
      ...(isTooMuchLost(watch) ? [tooMuchLost(watch, timeline)] : []),
      ...(isUncounted(watch) ? [uncounted(report)] : []),
    ];
    return { value, watch, troubles };
  } catch (error) {
    const what = 'what clients saw is not known: the prober ended before the run did';
    return { value, watch: { maxLost }, troubles: [proberFailed(what, error)] };
  }
}

function proberFailed(what: string, error: unknown): Trouble {
  const why = error instanceof Error ? error.message.split('\n') : [String(error)];
  return new HostFailed({ what, why, hint: 'repair that, or do without: --no-watch' }).trouble;
}

function tooMuchLost({ report, maxLost }: Counted, timeline: WatchTimeline): Trouble {
  const names = targetNames(report.targets.map(({ target }) => target));
  const gaps = report.targets
    .flatMap(({ gaps: own }, index) => own.map((gap) => ({ gap, name: names[index] ?? '' })))
    .toSorted((a, b) => a.gap.fromMs - b.gap.fromMs);
  const told = gaps.slice(0, GAPS_TOLD).map(({ gap, name }) => `${name}: ${gapText(gap, report, timeline)}`);
  const more = gaps.length - told.length;
  const lost = totalLost(report);
  return {
    what: `${lost} ${lost === 1 ? 'request was' : 'requests were'} lost while hosts changed, at most ${maxLost} may be`,
    why: more > 0 ? [...told, `and ${more} more times`] : told,
    hint: `look at what the hosts logged at that time (journalctl); to put up with as many: --max-lost ${lost}`,
  };
}

function uncounted({ startedAt, ms, skipped, latestMs, endedEarly }: WatchReport): Trouble {
  return endedEarly
    ? {
        what: `what was lost after ${clock(startedAt + ms)} is not known: nothing was sent any more`,
        why: [
          `the prober ends by itself after ${Math.round(ms / 60_000)} minutes, and hosts changed for longer`,
        ],
        hint: 'change fewer hosts in one run (--limit), or do without: --no-watch',
      }
    : {
        what: `what was lost is not known: ${skipped} requests were not sent at their time`,
        why: [`the machine of this run was too busy to send them, up to ${Math.round(latestMs)} ms`],
        hint: 'run where less else is done, or send fewer: --watch-rate',
      };
}

function gapText(gap: Gap, { startedAt }: WatchReport, timeline: WatchTimeline): string {
  const [from, to] = [startedAt + gap.fromMs, startedAt + gap.toMs];
  const seconds = `${((gap.toMs - gap.fromMs) / 1000).toFixed(2)} s`;
  const length = gap.open ? `for ${seconds} or longer` : `for ${seconds}`;
  const cause = timeline.during(from, to);
  const when = `at ${clock(from)} ${length}`;
  return [`${gap.lost} lost ${when}`, cause].filter((part) => part !== '').join(', ');
}

/** `03:00:12.345 UTC` of milliseconds since 1970. */
function clock(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 23)} UTC`;
}
