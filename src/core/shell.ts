/**
 * The zx `$` of one host, as seen by roles: commands run on the host as root.
 *
 * The type is zx's own; only the transport imports zx at run time.
 */
export type { Shell } from 'zx/core';
