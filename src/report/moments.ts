/** `2026-01-31 03:00:12`, of a time that is written down as ISO 8601 in UTC; other texts as they are. */
export function momentText(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(iso) ? iso.slice(0, 19).replace('T', ' ') : iso;
}
