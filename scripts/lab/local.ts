import { $, quote } from 'zx/core';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const PASSED_ON = ['http_proxy', 'https_proxy', 'no_proxy'];

/** The environment of every command of the lab: the same whoever calls, proxies excepted. */
export const environment: NodeJS.ProcessEnv = {
  PATH,
  HOME: '/root',
  LC_ALL: 'C',
  DEBIAN_FRONTEND: 'noninteractive',
  ...Object.fromEntries(PASSED_ON.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : []))),
};

/** zx's `$` for this machine; every option is set, so that ZX_* variables change nothing. */
export const local = $({
  shell: '/bin/bash',
  prefix: 'set -euo pipefail;',
  postfix: '',
  quote,
  env: environment,
  stdio: ['ignore', 'pipe', 'pipe'],
  verbose: false,
  quiet: true,
  nothrow: false,
  detached: false,
  preferLocal: false,
  timeout: '60s',
  killSignal: 'SIGKILL',
});
