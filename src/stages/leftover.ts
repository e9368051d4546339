import { OK, type Resource } from '../core/resource.ts';
import { joinScripts } from '../core/script.ts';
import { outputOf } from '../queries/output.ts';
import { disarm, READ_ARMED } from './armed-undo.ts';
import { forget, LIST_RUNS, READ_RUNS, UNDO_ROOT } from './kept-undo.ts';

/** No command is started where nothing is left: this is read in every run. */
const atRest = outputOf(joinScripts([READ_RUNS, READ_ARMED]));
/** As it is while a change may be going on. */
const atOnce = outputOf(joinScripts([LIST_RUNS, READ_ARMED]));

/** Kind of what the engine itself declares on every host; tags do not leave it out. */
export const ENGINE_KIND = 'run';

/**
 * No earlier run is unfinished on the host: one that was killed left how to take it back, and perhaps an armed undo
 * that would take back what this run makes.
 *
 * @param runId this run, whose own is no leftover; undefined when nothing is to be changed, and nobody waited for
 */
export function noUnfinishedRun(runId: string | undefined): Resource {
  const query = runId === undefined ? atOnce : atRest;
  return {
    id: 'run unfinished',
    kind: ENGINE_KIND,
    needs: [],
    reads: { runs: query },
    plan(seen) {
      const { stdout } = seen.answer(query);
      const runs = [...new Set(stdout.split('\n'))].filter((name) => name !== '' && name !== runId);
      if (runs.length === 0) {
        return OK;
      }
      return {
        is: 'change',
        change: {
          summary: `an earlier run has not ended, or goes on: ${runs.join(', ')} -> forgotten`,
          destroys: runs.map((name) => `${UNDO_ROOT}/${name}`),
          apply: joinScripts(runs.flatMap((name) => [disarm(name), forget(name)])),
          cannotUndo: 'what the host has now is made as declared instead',
        },
      };
    },
  };
}
