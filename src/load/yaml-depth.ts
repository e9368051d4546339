import type { CST } from 'yaml';

/** Deeper than people write, and far from where recursion over it ends the process. */
export const DEEPEST = 100;

/** A collection of a document, or an entry of one, as yaml's parser leaves them. */
interface Nested {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly items?: readonly unknown[];
}

/**
 * Whether collections stand in each other deeper than `DEEPEST`, so that composing them could exhaust the stack: V8
 * ends the process where it has to compile a regular expression there.
 */
export function isTooDeep(yaml: Pick<typeof import('yaml'), 'Parser'>, text: string): boolean {
  return depthAtMost(text) > DEEPEST && depthOf(new yaml.Parser().parse(text)) > DEEPEST;
}

/** Cheap, and often too high: brackets in texts count. */
function depthAtMost(text: string): number {
  let open = 0;
  let flow = 0;
  let block = 0;
  for (const line of text.split('\n')) {
    for (const [bracket] of line.matchAll(/[[\]{}]/g)) {
      open = Math.max(0, open + (bracket === '[' || bracket === '{' ? 1 : -1));
      flow = Math.max(flow, open);
    }
    const indent = line.length - line.trimStart().length;
    block = Math.max(block, indent + [...line.matchAll(/[-?]\s/g)].length);
  }
  return flow + block;
}

/** By a stack of its own: what yaml's parser makes has no other bound than the text. */
function depthOf(tokens: Iterable<CST.Token>): number {
  let deepest = 0;
  for (const document of tokens) {
    const left: { readonly token: Nested; readonly depth: number }[] = [
      { token: document as Nested, depth: 0 },
    ];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { key, value, items = [] } = next.token;
      const depth = next.depth + (items.length > 0 ? 1 : 0);
      deepest = Math.max(deepest, depth);
      for (const inner of [key, value, ...items]) {
        if (typeof inner === 'object' && inner !== null) {
          left.push({ token: inner, depth });
        }
      }
    }
  }
  return deepest;
}
