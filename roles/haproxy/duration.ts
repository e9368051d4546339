const UNITS_MS = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a time as HAProxy writes it: `500ms`, `10s`. */
export function durationMs(time: string): number {
  const [, count = '0', unit = 'ms'] = /^(\d+)(us|ms|s|m|h|d)$/.exec(time) ?? [];
  return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
