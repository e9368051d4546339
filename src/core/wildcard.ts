/**
 * Whether all of a text is as a pattern says: `*` for any characters, `?` for any one.
 *
 * Goes back to the last `*` only, so that no pattern takes longer than its length times the text's; a regular
 * expression with a few of them can take for ever.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let [at, next] = [0, 0];
  let star: { readonly at: number; readonly next: number } | undefined;
  while (at < text.length) {
    const wanted = pattern[next];
    if (wanted === '*') {
      star = { at, next };
      next += 1;
    } else if (wanted === '?' || wanted === text[at]) {
      at += 1;
      next += 1;
    } else if (star !== undefined) {
      star = { at: star.at + 1, next: star.next };
      at = star.at;
      next = star.next + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(next));
}
