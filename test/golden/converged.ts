import { planHost } from '../../src/core/plan.ts';
import type { Query } from '../../src/core/query.ts';
import type { Resource } from '../../src/core/resource.ts';
import { isScript } from '../../src/core/script.ts';
import { factsFrom } from '../../src/queries/facts.ts';
import { nameOf, RUNNING, seenFrom, writtenAnswers, type Answers } from './observed.ts';
import { writtenFiles } from './show.ts';

/**
 * What a host answers after everything was applied to a bare one, told from the plan alone: files as the
 * scripts write them, units running, packages there.
 *
 * That real hosts answer the same is what the contract and lab tests show.
 */
export function convergedAnswers(
  resources: readonly Resource[],
  queries: readonly Query<unknown>[],
  given: Answers,
): Answers {
  const seen = seenFrom(queries, given);
  const { steps } = planHost('bare', resources, seen, factsFrom(seen));
  const answers = new Map<string, unknown>();
  for (const step of steps) {
    if (step.is === 'change') {
      const { apply } = step.change;
      for (const [name, state] of afterwards(step.resource, isScript(apply) ? apply.text : '')) {
        answers.set(name, state);
      }
    }
  }
  const asked = new Set(queries.map(nameOf));
  return new Map([...answers, ...given].filter(([name]) => asked.has(name)));
}

function afterwards({ kind, id, reads }: Resource, script: string): readonly (readonly [string, unknown])[] {
  const name = id.slice(kind.length + 1);
  switch (kind) {
    case 'files':
      return writtenFiles(script).map(({ path, owner, mode, content }) => {
        const [user, group] = owner.split(':');
        return answer(`file ${path}`, { content, mode, owner: user, group, modifiedAt: 1000 });
      });
    case 'package':
      return [answer(`package ${name}`, '1.0-1')];
    case 'user':
      return [answer(`account ${name}`, { home: '/nonexistent', shell: '/usr/sbin/nologin' })];
    case 'task':
      return Object.values(reads).map((query) => answer(nameOf(query), { exit: 0 }));
    case 'sysctl':
      return sysctlAnswers(name, script);
    case 'service':
      return serviceAnswers(name, script);
    default:
      throw new Error(`nobody has said what a ${kind} looks like when it is as declared`);
  }
}

function sysctlAnswers(name: string, script: string) {
  const [, line] = /^printf %s '([^']*)' >(\S+?)\.run-playbook$/m.exec(script) ?? [];
  const [, value] = /^sysctl -q -w \S+?=(\S+?)'?$/m.exec(script) ?? [];
  const path = `/etc/sysctl.d/90-run-playbook-${name}.conf`;
  return [answer(`file ${path}`, { content: line }), answer(`sysctl ${name}`, value)];
}

function serviceAnswers(name: string, script: string) {
  const [, digest] = /^printf '%s\n' (\w+) >/m.exec(script) ?? [];
  const unit = [`unit ${name}.service`, RUNNING] as const;
  const stamp = `/var/lib/run-playbook/loaded/${name}`;
  return digest === undefined
    ? [unit]
    : [unit, answer(`file ${stamp}`, { content: `${digest}\n`, modifiedAt: 2000 })];
}

function answer(name: string, written: unknown): readonly [string, unknown] {
  return [name, writtenAnswers({ [name]: written }).get(name)];
}
