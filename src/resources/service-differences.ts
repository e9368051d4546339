import type { Deviation } from '../core/resource.ts';
import type { ServiceWork } from './service-scripts.ts';

/** What has to be done to a service, one by one. */
export function deviationsOf({ name, before, ...todo }: ServiceWork): readonly Deviation[] {
  const unit = `${name}.service`;
  const enabled = before.unitFile === '' ? 'not enabled' : before.unitFile;
  return [
    ...of(todo.unmask, { item: `${unit} mask`, class: 'unit', found: 'masked', expected: 'not masked' }),
    ...todo.foreign.map((item): Deviation => ({
      item,
      class: 'unit',
      found: 'not declared',
      expected: 'absent',
    })),
    ...of(todo.daemonReload, {
      item: `${unit} daemon-reload`,
      class: 'unit',
      found: 'pending',
      expected: 'done',
    }),
    ...of(todo.enable && !todo.unmask, {
      item: `${unit} enabled`,
      class: 'unit',
      found: enabled,
      expected: 'enabled',
    }),
    ...of(todo.start, {
      item: unit,
      class: 'service',
      found: before.active === 'failed' ? 'failed' : 'stopped',
      expected: 'running',
    }),
    ...of(todo.reload, {
      item: `${unit} configuration`,
      class: 'configuration',
      found: 'not loaded since the last change',
      expected: 'loaded',
    }),
  ];
}

/** The same in one line; empty when there is nothing to do. */
export function summarize(todo: ServiceWork): string {
  const { before } = todo;
  return [
    todo.unmask && 'masked -> unmasked',
    todo.foreign.length > 0 &&
      `${todo.foreign.length} foreign unit file${todo.foreign.length > 1 ? 's' : ''} -> removed`,
    todo.daemonReload && 'daemon-reload pending -> done',
    todo.enable && !todo.unmask && `${before.unitFile === '' ? 'not enabled' : before.unitFile} -> enabled`,
    todo.start && `${before.active === 'failed' ? 'failed' : 'stopped'} -> running`,
    todo.reload && 'configuration not loaded -> loaded',
  ]
    .filter(Boolean)
    .join(', ');
}

function of(isSo: boolean, deviation: Deviation): readonly Deviation[] {
  return isSo ? [deviation] : [];
}
