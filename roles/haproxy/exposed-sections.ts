import { defaultBackend } from './cluster.ts';
import type { HaproxyVars } from './vars.ts';

/** A section as far as it matters who sees statistics through it. */
export interface Section {
  readonly kind: string;
  readonly name: string;
  /** The variable that holds it. */
  readonly path: string;
  /** Where it listens: `*:8000`. */
  readonly addresses: readonly string[];
  readonly lines: readonly string[];
  readonly defaults: { readonly path: string; readonly lines: readonly string[] };
}

const KEYWORDS =
  /^(global|defaults|frontend|backend|listen|userlist|peers|resolvers|cache|program|http-errors|ring|mailers|fcgi-app|log-forward|crt-store|traces)\b\s*(\S*)/;

/** Every frontend, backend and listen section, whether it is declared or written in a whole file. */
export function sectionsOf(vars: HaproxyVars): readonly Section[] {
  return vars.config === undefined ? declared(vars) : written(vars.config);
}

function declared(vars: HaproxyVars): readonly Section[] {
  const defaults = { path: 'haproxy.defaults.raw', lines: trimmed(vars.defaults.raw) };
  return [
    ...Object.entries(vars.frontends).map(([name, section]) => ({
      ...entry('frontend', name, section),
      path: `haproxy.frontends.${name}`,
      lines: trimmed([
        ...linesOf(section),
        ...section.use_backend.map((route) => `use_backend ${route.backend} if ${route.if}`),
        `default_backend ${defaultBackend(section, vars) ?? ''}`,
      ]),
      defaults,
    })),
    ...Object.entries(vars.listen).map(([name, section]) => ({
      ...entry('listen', name, section),
      path: `haproxy.listen.${name}`,
      lines: trimmed(linesOf(section)),
      defaults,
    })),
    ...Object.entries(vars.backends).map(([name, { raw }]) => ({
      ...entry('backend', name, { bind: [] }),
      path: `haproxy.backends.${name}`,
      lines: trimmed(raw),
      defaults,
    })),
  ];
}

function entry(kind: string, name: string, { bind }: Pick<HaproxyVars['frontends'][string], 'bind'>) {
  return { kind, name, addresses: bind.map(({ address, port }) => `${address}:${port}`) };
}

function linesOf({
  acls,
  rules,
  raw,
}: Pick<HaproxyVars['frontends'][string], 'acls' | 'rules' | 'raw'>): readonly string[] {
  return [...Object.entries(acls).map(([name, criterion]) => `acl ${name} ${criterion}`), ...rules, ...raw];
}

function trimmed(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.trim().replaceAll(/\s+/g, ' '));
}

/** Each section takes the defaults above it. */
function written(config: string): readonly Section[] {
  const path = 'haproxy.config';
  const lines = trimmed(config.split('\n').map((line) => line.replace(/#.*$/, '')));
  const starts = lines.flatMap((line, index) => (KEYWORDS.test(line) ? [index] : []));
  const blocks = starts.map((start, index) => {
    const [, kind = '', name = ''] = KEYWORDS.exec(lines[start] ?? '') ?? [];
    return { kind, name, lines: lines.slice(start + 1, starts[index + 1]) };
  });
  return blocks
    .map((block, index) => ({
      ...block,
      path,
      addresses: block.lines.flatMap((line) => /^bind (\S+)/.exec(line)?.[1]?.split(',') ?? []),
      defaults: {
        path,
        lines: blocks.slice(0, index).findLast(({ kind }) => kind === 'defaults')?.lines ?? [],
      },
    }))
    .filter(({ kind }) => ['frontend', 'backend', 'listen'].includes(kind));
}
