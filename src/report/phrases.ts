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

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** `2 d 4 h`, `5 min 12 s`: its two largest units, for what may last for weeks. */
export function longDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const largest = UNITS.findIndex(([, size], index) => seconds >= size || index === UNITS.length - 1);
  let left = seconds;
  return UNITS.slice(largest, largest + 2)
    .map(([unit, size], index) => {
      const amount = Math.floor(left / size);
      left -= amount * size;
      return index > 0 && amount === 0 ? '' : `${amount} ${unit}`;
    })
    .filter((part) => part !== '')
    .join(' ');
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
