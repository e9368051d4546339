/** What keepalived and `ip` take for the name of an interface; both know characters that mean something else. */
export function isInterfaceName(value: string): boolean {
  return /^\w[\w.:+=-]{0,14}$/.test(value);
}

/** A line's quoted texts and its comment: braces in them are none. */
const HIDDEN = /"(?:\\.|[^"\\])*"|[#!].*$/g;

/** Whether the lines of a block close every quote and brace that they open, and none besides. */
export function areWhole(lines: readonly string[]): boolean {
  let depth = 0;
  for (const line of lines) {
    const plain = line.replaceAll(HIDDEN, ' ');
    if (/["\\]/.test(plain)) {
      return false;
    }
    for (const [brace] of plain.matchAll(/[{}]/g)) {
      depth += brace === '{' ? 1 : -1;
      if (depth < 0) {
        return false;
      }
    }
  }
  return depth === 0;
}
