import { get as getPlain } from 'node:http';
import { get as getOverTls } from 'node:https';
import type { Ask } from '../core/resource.ts';

/** The service as the controller's own network sees it; a new TCP connection for every question. */
export const askFromController: Pick<Ask, 'http'> = {
  http(url, { timeoutMs, host, verify = true }) {
    return new Promise((resolve, reject) => {
      const options = {
        agent: false,
        headers: host === undefined ? {} : { host },
        signal: AbortSignal.timeout(timeoutMs),
      } as const;
      const request = url.startsWith('https:')
        ? getOverTls(url, { ...options, rejectUnauthorized: verify })
        : getPlain(url, options);
      request.once('response', (response) => {
        response.resume();
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
        response.once('error', reject);
      });
      request.once('error', reject);
    });
  },
};
