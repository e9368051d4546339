/**
 * The candidate that `word` is most likely a misspelling of, or undefined when none is near.
 *
 * Near is a third of the word's length in edits, at least one; a swap of neighbours is one edit.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const lowered = word.toLowerCase();
  let best: string | undefined;
  let bestEdits = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = editDistance(lowered, candidate.toLowerCase());
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/**
 * `did you mean port?`, or else the list of what is known; undefined when nothing is.
 *
 * @param known what the list is of, such as `known variables`
 */
export function suggestionFor(word: string, candidates: Iterable<string>, known: string): string | undefined {
  const names = [...candidates];
  const near = suggest(word, names);
  if (near !== undefined) {
    return `did you mean ${near}?`;
  }
  return names.length === 0 ? undefined : `${known}: ${names.join(', ')}`;
}

/** Damerau-Levenshtein distance in its optimal string alignment form. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
