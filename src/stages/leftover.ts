import { OK, type Resource } from '../core/resource.ts';
import { joinScripts } from '../core/script.ts';
import { outputOf } from '../queries/output.ts';
import { disarm, READ_ARMED } from './armed-undo.ts';
import { forget, READ_RUNS, stillWhole } from './kept-undo.ts';
import { UNDO_ROOT } from './undo-place.ts';

/** No command is started where nothing is left: this is read in every run. */
const query = outputOf(joinScripts([READ_RUNS, READ_ARMED]));

/** Names come from the host and go into scripts. */
const RUN = /^\w[\w-]*$/;

/** Of runs of which nothing was taken back yet. */
const WHOLE = 'whole/';

/** Kind of what the engine itself declares on every host; tags do not leave it out. */
export const ENGINE_KIND = 'run';

/**
 * No earlier run is unfinished on the host: one that was killed left how to take it back, and perhaps an armed undo
 * that would take back what this run makes.
 *
 * @param runId this run, whose own is no leftover
 */
export function noUnfinishedRun(runId: string): Resource {
  return {
    id: 'run unfinished',
    kind: ENGINE_KIND,
    needs: [],
    reads: { runs: query },
    plan(seen) {
      const { stdout } = seen.answer(query);
      const lines = [...new Set(stdout.split('\n'))];
      const runs = lines.filter((line) => line !== '' && line !== runId && !line.startsWith(WHOLE));
      const whole = runs.filter((name) => lines.includes(`${WHOLE}${name}`));
      if (runs.length === 0) {
        return OK;
      }
      const strange = runs.find((name) => !RUN.test(name));
      if (strange !== undefined) {
        return {
          is: 'unknown',
          reason: `${strange} in ${UNDO_ROOT} is no run of this program: move it away`,
        };
      }
      return {
        is: 'change',
        change: {
          summary: `an earlier run has not ended, or goes on: ${runs.join(', ')} -> forgotten`,
          destroys: runs.map((name) => `${UNDO_ROOT}/${name}`),
          // What is planned after it was planned on what that run left.
          apply: joinScripts([...runs.map(disarm), ...whole.map(stillWhole), ...runs.map(forget)]),
          cannotUndo: 'what the host has now is made as declared instead',
        },
      };
    },
  };
}
