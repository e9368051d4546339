import { secret, text, v } from 'run-playbook';

const digest = v.optional(
  v.pipe(
    text((value) => /^([01]\d|2[0-3]):[0-5]\d$/.test(value), 'a time of day: 07:30'),
    v.description('Sends how everything stands once a day, after this time; not at all when left out.'),
  ),
);

/** No line break: it stands in a header. */
const address = text(
  (value) => /^[^\s@<>,;:"()]+@[^\s@<>,;:"()]+$/.test(value) || /^[a-z_][a-z0-9_-]*$/.test(value),
  'a mail address: ops@example.org, or a local user',
);

const program = text((value) => value.startsWith('/') && !value.includes('\0'), 'a program with its path');
const argument = text((value) => !value.includes('\0'), 'a text');

/** Who is told of drift: a chat or another program by HTTP, somebody by mail, or a command. */
export const notifyTarget = v.variant('kind', [
  v.strictObject({
    kind: v.literal('webhook'),
    url: v.pipe(secret(), v.description('Where the message is posted: https://…; a secret.')),
    shape: v.pipe(
      v.optional(v.picklist(['json', 'slack', 'teams'], 'should be json, slack or teams'), 'json'),
      v.description('What is understood there.'),
    ),
    digest,
  }),
  v.strictObject({
    kind: v.literal('mail'),
    to: v.pipe(v.array(address), v.minLength(1, 'should name somebody'), v.description('Who gets it.')),
    from: v.optional(v.pipe(address, v.description('The sender; sendmail decides when left out.'))),
    digest,
  }),
  v.strictObject({
    kind: v.literal('command'),
    run: v.pipe(
      v.tupleWithRest([program], argument),
      v.description('A program of the controller and its arguments; the message is JSON on its stdin.'),
    ),
    digest,
  }),
]);
