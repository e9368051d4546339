import { ProbeIncomplete, type Family, type Frame, type Query, type Seen } from './query.ts';
import { joinScripts, rawScript, sh, type Script } from './script.ts';

/** A probe ready to be sent: one script for everything, and the key to its reply. */
export interface Probe {
  readonly script: Script;
  /**
   * What the reply says.
   *
   * @param reply undecoded stdout of the script
   * @throws ProbeIncomplete a frame is missing: planning on half a picture would report a false "ok"
   */
  read(reply: Buffer): Seen;
}

interface Asked {
  readonly family: Family<unknown>;
  readonly keys: readonly string[];
  readonly scripts: readonly Script[];
}

/**
 * One script that answers all queries, each family asked once.
 *
 * @param nonce unguessable per probe: what a host prints cannot pass for the end of a frame
 */
export function buildProbe(queries: readonly Query<unknown>[], nonce: string): Probe {
  const { script, read } = probeOf(queries, sh`${nonce}`);
  return { script, read: (reply) => read(reply, nonce) };
}

/** A probe whose text is always the same, to be installed on a host. */
export interface FixedProbe {
  /** Reads its nonce, a line, from stdin. */
  readonly script: Script;
  read(reply: Buffer, nonce: string): Seen;
}

/** The same for who may run one program and nothing else. */
export function buildFixedProbe(queries: readonly Query<unknown>[]): FixedProbe {
  const { script, read } = probeOf(queries, rawScript('"$rp_nonce"'));
  return { script: joinScripts([rawScript('IFS= read -r rp_nonce || exit 125'), script]), read };
}

function probeOf(queries: readonly Query<unknown>[], nonce: Script): FixedProbe {
  const asked = groupByFamily(queries);
  const scripts = asked.flatMap((entry) => entry.scripts);
  const prelude = rawScript(
    'LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH',
  );
  const framed = scripts.map(
    (script, index) => sh`(
${script}
) </dev/null 2>/dev/null; printf '\n%s %d %d\n' ${nonce} ${index} "$?"`,
  );
  const atOnce = asked.flatMap((entry) => (entry.family.waits === true ? [] : entry.scripts)).length;
  return {
    script: joinScripts([prelude, ...beside(framed.slice(0, atOnce), framed.slice(atOnce))]),
    read: (reply, mark) => readAnswers(asked, readFrames(reply, scripts.length, mark)),
  };
}

/** What waits, begun first, its frames passed on behind those of the others; no file is needed for it. */
function beside(atOnce: readonly Script[], waiting: readonly Script[]): readonly Script[] {
  return waiting.length === 0
    ? atOnce
    : [
        sh`{ {
${joinScripts(waiting)}
} | { {
${joinScripts(atOnce)}
} >&3; cat >&3; }; } 3>&1`,
      ];
}

function groupByFamily(queries: readonly Query<unknown>[]): readonly Asked[] {
  const keysOf = new Map<Family<unknown>, Set<string>>();
  for (const { family, key } of queries) {
    const keys = keysOf.get(family) ?? new Set();
    keysOf.set(family, keys.add(key));
  }
  const families = [...keysOf].toSorted(([a], [b]) => Number(a.waits === true) - Number(b.waits === true));
  return families.map(([family, keys]) => ({
    family,
    keys: [...keys],
    scripts: family.scripts([...keys]),
  }));
}

function readFrames(reply: Buffer, count: number, nonce: string): readonly Frame[] {
  const frames: Frame[] = [];
  let start = 0;
  for (let index = 0; index < count; index++) {
    const mark = `\n${nonce} ${index} `;
    const end = reply.indexOf(mark, start);
    const line = end < 0 ? -1 : reply.indexOf('\n', end + mark.length);
    if (line < 0) {
      throw new ProbeIncomplete(`frame ${index + 1} of ${count} did not arrive (${reply.length} bytes came)`);
    }
    const exit = Number(reply.toString('latin1', end + mark.length, line));
    frames.push({ stdout: reply.subarray(start, end), exit });
    start = line + 1;
  }
  return frames;
}

function readAnswers(asked: readonly Asked[], frames: readonly Frame[]): Seen {
  const answers = new Map<Family<unknown>, ReadonlyMap<string, unknown>>();
  let next = 0;
  for (const { family, keys, scripts } of asked) {
    const parsed = family.parse(frames.slice(next, next + scripts.length), keys);
    next += scripts.length;
    const silent = keys.find((key) => !parsed.has(key));
    if (silent !== undefined) {
      throw new ProbeIncomplete(`no answer for ${family.name} ${silent}`);
    }
    answers.set(family, parsed);
  }
  return {
    answer<T>(query: Query<T>): T {
      const parsed = answers.get(query.family);
      if (parsed?.has(query.key) !== true) {
        throw new ProbeIncomplete(`${query.family.name} ${query.key} was not asked for`);
      }
      return parsed.get(query.key) as T;
    },
  };
}
