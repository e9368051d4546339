import { basename } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { planHost } from '../../src/core/plan.ts';
import type { Role, RoleContext } from '../../src/core/role.ts';
import { isScript, rawScript, sh, type Script } from '../../src/core/script.ts';
import { explainIssues } from '../../src/load/issues.ts';
import { factsFrom, hostFacts } from '../../src/queries/facts.ts';
import { template } from '../../src/resources/template.ts';
import { seenFrom } from '../golden/observed.ts';
import { writtenFiles, type WrittenFile } from '../golden/show.ts';
import { hostWith, ROLES } from '../roles/every-variable.ts';
import { useArena } from './support/arena.ts';
import { ensure, expectSame, holds, PATIENT } from './support/cases.ts';
import {
  haproxyShape,
  keepalivedShape,
  linesShape,
  nginxShape,
  shellShape,
  tagsShape,
  unitShape,
  type Shape,
} from './support/shapes.ts';
import { EXECUTED, hostileText } from './support/strings.ts';

const arena = useArena('/dev/shm');

/** How the program that reads a file takes it; nothing for a file that is the user's as a whole. */
const READERS: readonly (readonly [RegExp, ((text: string) => Shape) | undefined])[] = [
  [/\/(?:certs|conf\.d|snippets)\/[^/]+$/, undefined],
  [/\/auth\/[^/]+$/, linesShape(/:/)],
  [/\/maps\/[^/]+$/, linesShape(/(?<=^\S+) /)],
  // Of the addresses to remove there are as many as can be told.
  [/keepalived\.service\.d\//, (text) => unitShape(text).filter((entry) => entry !== 'ExecStopPost=')],
  [/\.service\.d\//, unitShape],
  [/tmpfiles\.d\//, linesShape(/ /)],
  [/^\/etc\/nginx\//, nginxShape],
  [/^\/etc\/keepalived\//, keepalivedShape],
  [/haproxy\.cfg$/, haproxyShape],
  [/\.html$/, tagsShape],
  [/./, shellShape],
];

/** A variable that is a text, or an item of a list of texts. */
interface Leaf {
  readonly path: readonly string[];
  readonly text: string;
  /** Stands where it is a whole part of the configuration, which the user writes. */
  readonly raw?: string | undefined;
}

/** Where lines are the user's own; on the line of a bind or a server they are words. */
const RAW =
  /^(?!.*\.(?:bind|hosts)\.).*(?:\braw(?:_\w+)?|\brules|\blocations\.[^.]+|\bsystemd|virtual_routes|excluded)\.\d+$|^config$/;

/** What the user's own parts are taken for, and a line that nothing else looks like. */
const OWN: Readonly<
  Record<string, { readonly line: (name: string) => string; readonly shape: (text: string) => Shape }>
> = {
  nginx: { line: (name) => `${name} x;`, shape: nginxShape },
  keepalived: { line: (name) => name, shape: keepalivedShape },
  haproxy: { line: (name) => name, shape: haproxyShape },
  systemd: { line: (name) => `${name}=x`, shape: unitShape },
};

function leavesOf(role: string, value: unknown, path: readonly string[] = []): readonly Leaf[] {
  if (typeof value === 'string') {
    const own = RAW.test(path.join('.')) ? OWN[path.includes('systemd') ? 'systemd' : role] : undefined;
    const raw = own && `rp-own-${path.join('-').replaceAll(/\W/g, '')}-`;
    return [{ path, raw, text: raw === undefined ? value : (own?.line(raw) ?? '') }];
  }
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return entries.flatMap(([key, inner]) => leavesOf(role, inner, [...path, key]));
}

/** A copy of `vars` with texts in the places of leaves. */
function withTexts(vars: object, texts: ReadonlyMap<Leaf, string>): object {
  const copy = structuredClone(vars) as Record<string, unknown>;
  texts.forEach((text, { path }) => {
    const parent = path.slice(0, -1).reduce((inner, key) => inner[key] as Record<string, unknown>, copy);
    parent[path.at(-1) ?? ''] = text;
  });
  return copy;
}

/** A check as keepalived runs it, without the program that ends it in time. */
function asCheck(text: string): string {
  return sh`/bin/bash -c ${`timeout() { shift; "$@"; }\n${text}`}`.text;
}

/** Where the maps of `vars` have names that somebody chose. */
function keysOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const entries =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return entries.flatMap(([key, inner]) => [[...path, key], ...keysOf(inner, [...path, key])]);
}

/** A copy of `vars` in which an entry has another name. */
function withKey(vars: object, [key = '', ...rest]: readonly string[], name: string): object {
  return Object.fromEntries(
    Object.entries(vars).map(([own, value]) =>
      own !== key
        ? [own, value]
        : rest.length > 0
          ? [own, withKey(value as object, rest, name)]
          : [name, value],
    ),
  );
}

function newKey(path: readonly string[], text: string, where: number): string {
  const key = path.at(-1) ?? '';
  return [text, `${key}${text}`, `${text}${key}`][where] ?? text;
}

function unlessThrown<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

interface Rendered {
  readonly files: readonly WrittenFile[];
  readonly scripts: readonly Script[];
}

/** What a role writes and runs on a bare host. @throws Error it refuses its variables; `path` says which, if it is known */
function render(role: Role, vars: object): Rendered {
  const host = hostWith(role, vars);
  const context: RoleContext<unknown> = {
    host,
    vars: host.vars.get(role.name),
    cluster: { hosts: [host] },
    peers: [],
  };
  const refusing = (role.rules ?? []).filter(({ level }) => level === 'refuse').map(({ code }) => code);
  const refusal = role.objections?.(context).find(({ rule }) => refusing.includes(rule));
  if (refusal !== undefined) {
    throw Object.assign(new Error(refusal.what), { path: refusal.path.split('.').slice(1) });
  }
  const resources = role.resources(context);
  const seen = seenFrom([hostFacts, ...resources.flatMap(({ reads }) => Object.values(reads))], new Map());
  const facts = factsFrom(seen);
  const changes = planHost('svr1', resources, seen, facts).steps.flatMap((step) =>
    step.is === 'change' ? [step.change] : [],
  );
  const scripts = changes
    .flatMap(({ apply, undo }) => [apply, undo])
    .filter((action) => action !== undefined && isScript(action));
  return { files: scripts.flatMap(({ text }) => writtenFiles(text)), scripts };
}

/** The shapes of all files in one, with what stands for the user's own lines. */
function shapeOf({ files }: Rendered): Shape {
  return files.flatMap(({ path, content }) => {
    const reader = READERS.find(([pattern]) => pattern.test(path));
    return [`file ${basename(path)}`, ...(reader?.[1]?.(content) ?? [])];
  });
}

/** `base` with the shapes of the user's own lines in the places where they are to stand. */
function wantedShape(base: Shape, role: string, texts: ReadonlyMap<Leaf, string>): Shape {
  const own = [...texts].filter(([{ raw }]) => raw !== undefined);
  return base.flatMap((entry) => {
    const found = own.find(([{ raw = '' }]) => entry.includes(raw));
    if (found === undefined) {
      return [entry];
    }
    const [{ path }, text] = found;
    const depth = Number(/^\d+(?= )/.exec(entry)?.[0] ?? 0);
    const shape = OWN[path.includes('systemd') ? 'systemd' : role]?.shape(`${text}\n`) ?? [];
    return shape.map((part) => part.replace(/^\d+(?= )/, (inner) => String(Number(inner) + depth)));
  });
}

function reasonFor(leaves: readonly Leaf[], error: unknown): readonly Leaf[] {
  const { path: at = [] } = error as { readonly path?: readonly string[] };
  const below = leaves.filter(({ path }) =>
    at.every((key, index) => path[index] === key || index >= path.length),
  );
  // What is wrong may stand beside it.
  return below.length > 0 || at.length === 0 ? below : reasonFor(leaves, { path: at.slice(0, -1) });
}

/** The texts that a role takes, without those that it refuses. */
function accepted(role: Role, vars: object, texts: ReadonlyMap<Leaf, string>): ReadonlyMap<Leaf, string> {
  const left = new Map(texts);
  for (;;) {
    const { issues } = v.safeParse(role.vars, withTexts(vars, left));
    if (issues === undefined) {
      return left;
    }
    const before = left.size;
    for (const issue of issues) {
      const at = (issue.path ?? []).map(({ key }) => String(key));
      [...left.keys()]
        .filter(({ path }) => at.every((key, index) => index >= path.length || path[index] === key))
        .forEach((leaf) => left.delete(leaf));
    }
    ensure(left.size < before, `refused for no text: ${JSON.stringify(issues[0]?.message)}`);
  }
}

/** The same, after the rules that look at several variables; and what is rendered with them. */
function renderAccepted(role: Role, vars: object, texts: ReadonlyMap<Leaf, string>) {
  let left = accepted(role, vars, texts);
  for (;;) {
    try {
      return { left, rendered: render(role, withTexts(vars, left)) };
    } catch (error) {
      const wrong = reasonFor([...left.keys()], error);
      ensure(wrong.length > 0, `refused for no text: ${String(error)}`);
      left = new Map([...left].filter(([leaf]) => !wrong.includes(leaf)));
    }
  }
}

describe.each(
  ROLES.flatMap(({ role, most, also = [] }) =>
    [most, ...also].map((vars, index) => ({
      role,
      vars,
      isWhole: leavesOf(role.name, vars).length > 10,
      name: `${role.name} ${index}`,
    })),
  ),
)('$name', ({ role, vars, isWhole }) => {
  const leaves = leavesOf(role.name, vars);
  const marked = withTexts(vars, new Map(leaves.map((leaf) => [leaf, leaf.text])));
  const written = fc
    .array(fc.tuple(hostileText(), fc.nat(3)), { minLength: leaves.length, maxLength: leaves.length })
    .map((given) => {
      const places = leaves.map((leaf, index) => {
        const [said = '', where = 3] = given[index] ?? [];
        const forms = [said, `${leaf.text}${said}`, `${said}${leaf.text}`, leaf.text];
        return [leaf, forms[where] ?? said] as const;
      });
      return new Map(places);
    });

  test('no text of a variable changes what stands around it', PATIENT, async () => {
    const shape = shapeOf(render(role, marked));
    ensure(!shape.includes('broken'), 'the harmless one is broken');
    const taken = new Set<Leaf>();
    await holds(
      fc.property(written, (given) => {
        const { left, rendered } = renderAccepted(role, marked, given);
        left.forEach((text, leaf) => text === leaf.text || taken.add(leaf));
        expectSame(shapeOf(rendered), wantedShape(shape, role.name, left));
      }),
      { share: 0.25, perRun: Math.max(leaves.length, 20) },
    );
    expect(taken.size).toBeGreaterThanOrEqual(isWhole ? leaves.length / 3 : 0);
  });

  /** The checks are scripts themselves. */
  const runs = ({ files, scripts }: Rendered) => [
    ...scripts.map(({ text }) => text),
    ...(role.name === 'check_script' ? files.map(({ content }) => asCheck(content)) : []),
  ];

  test('and none is executed by what runs with it', PATIENT, async () => {
    const rendered = EXECUTED.flatMap((attack) => {
      const forms = [(text: string) => `${text}${attack}`, () => attack];
      return forms.flatMap((form) => {
        const given = new Map(leaves.map((leaf) => [leaf, form(leaf.text)]));
        return runs(renderAccepted(role, vars, given).rendered);
      });
    });
    const attacked = new Set(rendered.filter((text) => text.includes('canary')));
    ensure(!isWhole || attacked.size > 0, 'no text stands in a script');
    await arena.runWithoutPrograms([...attacked].map((text) => rawScript(text)));
  });

  test('nor does a name in a map', PATIENT, async () => {
    const names = keysOf(marked);
    const wanted = sorted(shapeOf(render(role, marked)));
    const another = fc.tuple(fc.constantFrom(...names), hostileText(), fc.nat(2));
    const isNew = ([path, text, where]: readonly [readonly string[], string, number]) =>
      !names.some((other) => other.length === path.length && other.at(-1) === newKey(path, text, where));
    const renamed = another.filter(isNew).map(([path, text, where]) => {
      return withKey(marked, path, newKey(path, text, where));
    });
    await holds(
      fc.property(renamed, (given) => {
        // Refused by schema, rule or resource: another property says in which words.
        const { issues = [] } = v.safeParse(role.vars, given);
        const isTaken = explainIssues(role.vars, given, issues).length === 0;
        const rendered = isTaken ? unlessThrown(() => render(role, given)) : undefined;
        if (rendered !== undefined) {
          expectSame(sorted(shapeOf(rendered)), wanted);
        }
      }),
      { share: isWhole ? 0.03 : 0.01 },
    );
  });
});

test('what stands in a template is code, and what stands in its values never is', PATIENT, async () => {
  const page = template<{ readonly host: string }>(
    new URL('../../roles/nginx/index.ts', import.meta.url).href,
    'index.html.ejs',
  );
  await holds(
    fc.property(hostileText(), (host) => {
      const wanted = `<!doctype html>\n<title>${host}</title>\n<h1>${host}</h1>\n`;
      ensure(page({ host }) === wanted, 'is another text');
    }),
  );
});

function sorted(shape: Shape): Shape {
  return shape.filter((entry) => !entry.startsWith('file ')).toSorted();
}
