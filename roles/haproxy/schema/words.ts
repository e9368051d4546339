import { text, v, whole } from 'run-playbook';

/** Schemas that the sections of a configuration share. */

/** HAProxy takes what follows a line break for another line. */
const isLine = (value: string) => /[^ \t\v\f]/.test(value) && !/[\0\n\r]/.test(value);
/** Words by the rules of HAProxy 2.6 (parse_line): all quotes are closed, and nothing is a comment. */
const WORDS = /^(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\\'"#])+$/;
/** Whatever its margin, such a line begins a section, or decides whether others are read. */
const SECTION =
  /^\s*(?:\.|(?:global|defaults|frontend|backend|listen|userlist|peers|mailers|resolvers|program|http-errors|ring|cache|fcgi-app|log-forward|log-profile|crt-store|traces|acme)(?:\s|$))/;

/** Any one line. */
export const anyLine = text(isLine, 'one line');
/** The rest of a line that has begun already: words, with all quotes closed and without a comment. */
export const line = text((value) => isLine(value) && WORDS.test(value), 'words of a line, without a comment');
export const lines = v.array(line);
const rawLine = text(
  (value) => isLine(value) && !SECTION.test(value),
  'one line of configuration that begins no section',
);
export const rawLines = v.array(rawLine);
export const raw = v.pipe(v.optional(rawLines, []), v.description('Further lines of the section.'));
export const name = text((value) => /^[a-z0-9][\w.-]*$/i.test(value), 'a name of letters, digits, . _ -');
export const word = text((value) => /^[^\s"'#\\]+$/.test(value), 'one word');
export const duration = text(
  (value) => /^\d+(us|ms|s|m|h|d)$/.test(value),
  'a time with its unit, such as 500ms or 10s',
);
export const count = (what: string) => whole({ min: 1, max: 10_000_000, what });
export const mode = v.picklist(['http', 'tcp'], 'should be http or tcp');
