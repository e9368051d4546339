import { get } from 'node:http';
import type { Ask } from '../core/resource.ts';

/** The service as the controller's own network sees it; a new TCP connection for every question. */
export const askFromController: Pick<Ask, 'http'> = {
  http(url, { timeoutMs, host }) {
    return new Promise((resolve, reject) => {
      const headers = host === undefined ? {} : { host };
      const signal = AbortSignal.timeout(timeoutMs);
      const request = get(url, { agent: false, headers, signal }, (response) => {
        response.resume();
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
        response.once('error', reject);
      });
      request.once('error', reject);
    });
  },
};
