import type { Outcome } from '../core/watch.ts';

/** `0.4 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  const tenths = Math.round(ms / 100);
  if (tenths < 600) {
    return `${(tenths / 10).toFixed(1)} s`;
  }
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1 change`, `12 changes`. */
export function count(amount: number, noun: string): string {
  return `${thousands(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

/** `1,204`. */
export function thousands(amount: number): string {
  return String(amount).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `svr1, svr2`, or `50 hosts` where naming them all says less. */
export function hostNames(hosts: readonly string[]): string {
  return hosts.length > 4 ? count(hosts.length, 'host') : hosts.join(', ');
}

/** `172.25.254.130:80, 172.25.254.130:8000 (no answer yet: refused)`. */
export function watchedNames(targets: readonly { readonly name: string; readonly first: Outcome }[]): string {
  return targets
    .map(({ name, first }) => (first.is === 'lost' ? `${name} (no answer yet: ${first.reason})` : name))
    .join(', ');
}
