import { text, v } from 'run-playbook';
import { bind } from './bind.ts';
import { count, line, mode, name, raw, rawLines } from './words.ts';

const condition = v.pipe(line, v.description('Condition, such as `is_api` or `{ path_beg /api }`.'));

/** What stands in a frontend besides its binds; a listen section has it too. */
export const frontendParts = {
  mode: v.optional(v.pipe(mode, v.description('Default: `defaults.mode`.'))),
  maxconn: v.pipe(
    v.optional(count('a number of connections'), 20_000),
    v.description('Connections at a time.'),
  ),
  forwardfor: v.pipe(
    v.optional(v.boolean(), true),
    v.description('Tells servers the client’s address in X-Forwarded-For; mode http only.'),
  ),
  acls: v.pipe(
    v.optional(
      v.record(
        text((value) => /^[a-z_][\w.-]*$/i.test(value), 'a name of letters, digits, . _ -'),
        line,
      ),
      {},
    ),
    v.description('Criteria by name, such as `is_api: path_beg /api`.'),
  ),
  rules: v.pipe(
    v.optional(rawLines, []),
    v.description('Lines such as `http-request deny if is_api`, in this order.'),
  ),
  redirect_https: v.pipe(
    v.optional(v.boolean(), false),
    v.description('Requests without TLS are redirected to https, on the port of the bind that speaks it.'),
  ),
};

/** One frontend. */
export const frontend = v.strictObject({
  bind: v.pipe(
    v.optional(v.pipe(v.array(bind), v.minLength(1, 'should name at least one port')), ['*:8000']),
    v.description('Where it listens: ports, addresses with port, or maps with TLS.'),
  ),
  ...frontendParts,
  use_backend: v.pipe(
    v.optional(v.array(v.strictObject({ backend: name, if: condition })), []),
    v.description('Backends by condition; the first that holds is taken.'),
  ),
  default_backend: v.optional(
    v.pipe(name, v.description('Backend of all other requests; default: the only one there is.')),
  ),
  raw,
});

export type Frontend = v.InferOutput<typeof frontend>;
