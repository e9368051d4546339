import Module, { createRequire } from 'node:module';

/**
 * Keeps ssh2-promise 1.0.3 from loading a SOCKS server, which it uses for tunnels only: 30 ms of
 * every run. Imported before ssh2-promise.
 */
const require = createRequire(import.meta.url);
try {
  const path = createRequire(require.resolve('ssh2-promise')).resolve('@heroku/socksv5');
  if (require.cache[path] === undefined) {
    const empty = new Module(path);
    empty.loaded = true;
    require.cache[path] = empty;
  }
} catch {
  // A later version without it: nothing to keep out.
}
