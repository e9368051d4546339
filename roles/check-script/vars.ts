import { absolutePath, port, text, v, whole } from 'run-playbook';

const milliseconds = whole({ min: 50, max: 60_000, what: 'milliseconds (50-60000)' });
const address = v.pipe(
  v.optional(
    text((value) => /^[\w.:-]+$/.test(value), 'an address or host name'),
    '127.0.0.1',
  ),
  v.description('Where the check connects to.'),
);
const timeout = v.pipe(
  v.optional(milliseconds, 800),
  v.description('Gives up after this many milliseconds; must stay below the interval.'),
);

/** One check; what it asks depends on its kind. */
export const checkSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('http'),
    service: v.optional(
      v.pipe(
        v.picklist(['nginx', 'haproxy'], 'should be nginx or haproxy'),
        v.description("Takes port, path and host name from that role's health endpoint."),
      ),
    ),
    address,
    port: v.optional(v.pipe(port(), v.description('Port asked; 80, or the service’s.'))),
    path: v.optional(
      v.pipe(
        text((value) => /^\/[^\s'"\\]*$/.test(value), 'a URL path, such as /healthz'),
        v.description('Path asked with GET; any 2xx or 3xx answer is healthy.'),
      ),
    ),
    host: v.optional(
      v.pipe(
        text((value) => /^[\w.:-]+$/.test(value), 'a host name'),
        v.description('Host header of the request.'),
      ),
    ),
    timeout_ms: timeout,
  }),
  v.strictObject({ kind: v.literal('tcp'), address, port: port(), timeout_ms: timeout }),
  v.strictObject({
    kind: v.literal('process'),
    process: v.pipe(
      text((value) => /^[\w.@-]{1,15}$/.test(value), 'a process name of at most 15 characters'),
      v.description('Healthy while a process of this name runs (/proc/PID/comm).'),
    ),
  }),
  v.strictObject({
    kind: v.literal('composite'),
    all: v.pipe(
      v.array(text((value) => /^[a-z]\w*$/.test(value), 'the name of another check')),
      v.minLength(1, 'should name at least one check'),
      v.description('Healthy while all of these checks are.'),
    ),
  }),
]);

/** Variables of the check-script role, under `check_script`. */
export const vars = v.strictObject({
  directory: v.pipe(
    v.optional(absolutePath(), '/usr/local/libexec/ha'),
    v.description(
      'Where the scripts stand; owned by root all the way up, as keepalived’s script security asks.',
    ),
  ),
  checks: v.pipe(
    v.optional(
      v.record(
        text((value) => /^[a-z]\w*$/.test(value), 'a name of lower-case letters, digits and _'),
        checkSchema,
      ),
      {},
    ),
    v.description(
      'Checks by name; each becomes one script that exits 0 when healthy, 1 when not, and changes nothing.',
    ),
  ),
});

export type CheckScriptVars = v.InferOutput<typeof vars>;
export type CheckVars = v.InferOutput<typeof checkSchema>;
