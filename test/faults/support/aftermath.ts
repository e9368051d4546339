import { HOSTS } from '../../lab/support/pair.ts';
import { runIt, type Ended } from './controller.ts';
import type { Done } from './row.ts';
import { leftoversOn } from './standing.ts';

/** What is wrong after a fault: the next run has to converge, the one after it has nothing to do, and nothing is left. */
export async function aftermath(
  name: string,
  playbook: string,
  options: readonly string[] = [],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const next = await runIt(name, playbook, { options });
  if (next.exit !== 0) {
    wrong.push(
      `the next run ended with ${next.exit}: ${JSON.stringify(next.document?.errors ?? next.stderr)}`,
    );
  }
  const again = await runIt(name, playbook, { options });
  const changes = Object.entries(again.document?.hosts ?? {}).flatMap(([host, { changes: planned = [] }]) =>
    planned.map(({ id, summary }) => `${host} ${id}: ${summary}`),
  );
  if (again.exit !== 0 || changes.length > 0) {
    wrong.push(`the run after it ended with ${again.exit} and changed: ${changes.join(', ')}`);
  }
  for (const host of HOSTS) {
    const left = await leftoversOn(name, host);
    wrong.push(...left.map((line) => `${host} still has ${line}`));
  }
  return wrong;
}

/** What a row tells of a run that met a fault, the runs after it included. */
export async function finish(
  name: string,
  { exit, document, stderr }: Ended,
  expected: readonly number[],
  {
    playbook = 'phase1',
    wrong = [],
  }: { readonly playbook?: string; readonly wrong?: readonly string[] } = {},
): Promise<Done> {
  const said = JSON.stringify(document?.errors ?? stderr);
  return {
    exits: [exit],
    wrong: [
      ...(expected.includes(exit) ? [] : [`ended with ${exit}: ${said}`]),
      ...wrong,
      ...(await aftermath(name, playbook)),
    ],
  };
}
