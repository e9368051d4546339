import type { Check } from '../core/resource.ts';

export interface HttpCheckOptions {
  /** What is asked, for the summary: `HTTP through the VIP`. */
  readonly name: string;
  readonly url: string;
  /** Host header; default: the URL's. */
  readonly host?: string;
  /** Status expected; default 200. */
  readonly status?: number;
  /** Default 2000. */
  readonly timeoutMs?: number;
}

/** The service answers a client: one GET from the controller, as a client would send it. */
export function httpCheck({ name, url, host, status = 200, timeoutMs = 2000 }: HttpCheckOptions): Check {
  return {
    name,
    reads: {},
    async judge(_seen, ask) {
      try {
        const { status: got } = await ask.http(url, { timeoutMs, ...(host !== undefined && { host }) });
        return { ok: got === status, detail: `${got} from ${url}`, values: { httpStatus: got } };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return {
          ok: false,
          detail: `no answer from ${url}: ${why}`,
          hint: `is ${new URL(url).hostname} reachable from this machine? Then look at the service's log on the hosts`,
        };
      }
    },
  };
}
