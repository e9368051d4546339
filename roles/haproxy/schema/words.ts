import { text, v, whole } from 'run-playbook';

/** Schemas that the sections of a configuration share. */

/** One line; HAProxy would take what follows a line break for another one. */
export const line = text((value) => value !== '' && !/[\0\n]/.test(value), 'one line of configuration');
export const lines = v.array(line);
export const raw = v.pipe(v.optional(lines, []), v.description('Further lines of the section.'));
export const name = text((value) => /^[a-z0-9][\w.-]*$/i.test(value), 'a name of letters, digits, . _ -');
export const word = text((value) => /^[^\s"'#\\]+$/.test(value), 'one word');
export const duration = text(
  (value) => /^\d+(us|ms|s|m|h|d)$/.test(value),
  'a time with its unit, such as 500ms or 10s',
);
export const count = (what: string) => whole({ min: 1, max: 10_000_000, what });
export const mode = v.picklist(['http', 'tcp'], 'should be http or tcp');
