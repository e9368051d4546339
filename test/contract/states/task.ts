import { rawScript, sh, task } from '../../../src/index.ts';
import type { State } from '../state.ts';

const FILE = '/etc/rp-contract-task';

const cleanUp = `rm -f ${FILE}`;
const probe = rawScript(`cat ${FILE}`);
const undo = sh`rm ${FILE}`;

export const taskStates: readonly State[] = [
  {
    about: 'not done',
    given: '',
    resource: task({ name: 'contract', probe, apply: sh`echo done >${FILE}`, undo }),
    plan: 'change',
    writes: [FILE],
  },
  {
    about: 'done',
    given: `echo done >${FILE}`,
    cleanUp,
    resource: task({ name: 'contract', probe, apply: sh`false` }),
    plan: 'ok',
  },
  {
    about: 'done, but not as its own judgement wants it; it keeps what it needs for undo',
    given: `echo half >${FILE}; touch -d 2001-02-03 ${FILE}`,
    cleanUp,
    resource: task({
      name: 'contract',
      probe,
      ok: ({ stdout }) => stdout === 'done\n',
      summary: ({ stdout }) => `${stdout.trim()} -> done`,
      apply: sh`cp -a ${FILE} "$RP_UNDO/"; echo done >${FILE}`,
      undo: sh`cp -a "$RP_UNDO/rp-contract-task" ${FILE}`,
    }),
    plan: 'change',
    writes: [FILE],
  },
  {
    about: 'a zx function with logic between its commands',
    given: '',
    resource: task({
      name: 'contract',
      probe,
      apply: async ($) => {
        const { stdout: host } = await $`hostname`;
        const hostile = `it's $(id) ${host.trim()}`;
        await $`printf %s ${hostile} >${FILE}; [ -d "$RP_UNDO" ]`;
      },
      undo: async ($) => {
        await $`rm ${FILE}`;
      },
    }),
    plan: 'change',
    writes: [FILE],
    holds: `[ "$(cat ${FILE})" = "it's \\$(id) $(hostname)" ]`,
  },
  {
    about: 'no way back',
    given: '',
    cleanUp,
    resource: task({ name: 'contract', probe, apply: sh`echo done >${FILE}`, cannotUndo: 'it is counted' }),
    plan: 'change',
    writes: [FILE],
    cannotUndo: true,
  },
];
