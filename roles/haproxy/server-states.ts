import { haproxyState, type HaproxyServer, type Seen } from 'run-playbook';

/** What a check reads to know the servers' states on every host. */
export const stateReads = { haproxy: haproxyState } as const;

/** The servers as the HAProxy of a host sees them; undefined when it does not answer. */
export function statesBy(seen: Seen): readonly HaproxyServer[] | undefined {
  return seen.answer(haproxyState)?.servers;
}

/** It gets requests, and a check has said that it may; without checks there is nothing to wait for. */
export function isUp({ status, check }: Pick<HaproxyServer, 'status' | 'check'>): boolean {
  return status === 'no check' || (status.startsWith('UP') && /^L\dOKC?$/.test(check));
}
