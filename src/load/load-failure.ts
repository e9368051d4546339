import { readFileSync } from 'node:fs';
import { InvalidInput } from '../core/error.ts';
import type { Place } from '../core/inventory.ts';
import { shownPath } from './project.ts';
import { SourceText } from './source-text.ts';

/** A spot as error messages and stacks write it: `/srv/playbooks/web.ts:3:7`, with or without `file://`. */
const SPOT = /(?:file:\/\/)?(\/[^\s:()]+\.[cm]?[tj]s):(\d+)(?::(\d+))?/g;

/** What went wrong while a module was loaded, at the user's line it is about. */
export function loadFailure(error: unknown, file: string, cwd: string): InvalidInput {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const [first = ''] = message.split('\n');
  const place = spotIn(message, cwd) ?? spotIn(stack, cwd);
  const shown = shownPath(file, cwd);
  return new InvalidInput([
    {
      what: `cannot load ${shown}: ${first.replace(/^\w*Error: /, '').trim()}`,
      why: place?.excerpt,
      from: place?.origin ?? shown,
    },
  ]);
}

function spotIn(text: string, cwd: string): Place | undefined {
  for (const [, file = '', line, column] of text.matchAll(SPOT)) {
    const isUsers = !file.includes('/node_modules/') && !file.startsWith(import.meta.dirname);
    const source = isUsers ? readText(file) : undefined;
    if (source !== undefined) {
      const place = new SourceText(shownPath(file, cwd), source).placeAt(Number(line), Number(column ?? 1));
      // Node tells no column for what it cannot parse: no caret is better than one at the wrong place.
      return column === undefined
        ? { origin: place.origin.replace(/:1$/, ''), excerpt: place.excerpt.slice(0, 1) }
        : place;
    }
  }
  return undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
