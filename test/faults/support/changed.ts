const options = (vars: readonly object[]): readonly string[] =>
  vars.flatMap((one) => ['-e', JSON.stringify(one)]);

/** Something else for nginx and for keepalived, none of which needs a restart. */
export const CHANGED = options([
  { nginx: { keepalive_timeout: 30 } },
  { keepalived: { garp: { master_refresh: 20 } } },
]);

/** What nginx.conf then has, and not before. */
export const NEW_NGINX = 'keepalive_timeout 30';

/** The same on a pair of phase 2, with something else for HAProxy. */
export const CHANGED2 = [...CHANGED, ...options([{ haproxy: { defaults: { retries: 2 } } }])];

/** A health check that no host passes: nothing listens there. */
export const UNHEALTHY = options([
  { check_script: { checks: { check_app: { kind: 'tcp', port: 9999 } } } },
  { keepalived: { checks: { check_app: {} } } },
]);
