import { isAbsolute, relative } from 'node:path';
import type { Trouble } from './error.ts';

/** A spot as a stack writes it: `/srv/roles/web/index.ts:3:7`, with or without `file://`. */
const SPOT = /(?:file:\/\/)?(\/[^\s:()"]+\.[cm]?[tj]s:\d+)/g;

/** This package's own `src`, compiled or not. */
const ENGINE = new URL('..', import.meta.url).pathname;

/** What a role's own code threw: its message, and the line of the role or template that it comes from. */
export function roleFault(error: unknown): Pick<Trouble, 'what' | 'why' | 'from'> {
  const { message, stack = '' } = error instanceof Error ? error : { message: String(error) };
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const [first = 'failed', ...rest] = lines;
  if (!/^\/\S+\.ejs:\d+$/.test(first)) {
    return { what: first, why: rest, from: placeIn(stack) };
  }
  // EJS begins with the template's line and an excerpt; what is wrong stands last.
  return { what: rest.at(-1) ?? 'failed', why: rest.slice(0, -1), from: shownPlace(first) };
}

function placeIn(stack: string): string | undefined {
  const places = [...stack.matchAll(SPOT)].map(([, place = '']) => place);
  const own = places.find((place) => !place.startsWith(ENGINE) && !place.includes('/node_modules/'));
  return own === undefined ? undefined : shownPlace(own);
}

function shownPlace(place: string): string {
  const inside = relative(process.cwd(), place);
  return inside.startsWith('..') || isAbsolute(inside) ? place : inside;
}
