import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Place } from '../core/inventory.ts';
import { Findings } from './findings.ts';
import { shownPath } from './project.ts';
import { splitWords, withoutMargins } from './split-words.ts';
import { placeOutside, SourceText, withoutPasswords } from './source-text.ts';
import { emptyMap, mergeLayers, type MapNode, type VarNode } from './variables.ts';
import { DEEPEST } from './yaml-depth.ts';
import { parseYamlMap, parseYamlValue } from './yaml.ts';

const ORIGIN = '--extra-vars';

/**
 * The layer of variables that `--extra-vars` arguments make, later ones over earlier ones.
 *
 * `-e ansible_user=root` is a text, as in Ansible. `-e nginx.port=8080` reaches into a role's object; its value is
 * read as YAML, so that it is a number. `-e '{"nginx": {"port": 8080}}'` and `-e @file.yml` are read as YAML.
 *
 * @throws InvalidInput with everything wrong in all arguments
 */
export async function parseExtraVars(
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<MapNode> {
  const findings = new Findings();
  const layers: MapNode[] = [];
  for (const arg of args) {
    layers.push(...(await parseArgument(withoutMargins(arg), options.cwd ?? process.cwd(), findings)));
  }
  findings.throwIfAny();
  return layers.length === 0 ? emptyMap(placeOutside(ORIGIN)) : mergeLayers(layers);
}

async function parseArgument(arg: string, cwd: string, findings: Findings): Promise<readonly MapNode[]> {
  if (arg.startsWith('@')) {
    const path = resolve(cwd, arg.slice(1));
    try {
      const text = await readFile(path, 'utf8');
      return [await parseYamlMap(new SourceText(shownPath(path, cwd), text), findings)];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      findings.add(placeOutside(ORIGIN), `cannot read ${arg.slice(1)} (${code ?? String(error)})`);
      return [];
    }
  }
  if (/^[{[]/.test(arg)) {
    return [await parseYamlMap(new SourceText(ORIGIN, arg), findings)];
  }
  const layers: MapNode[] = [];
  const words = splitWords(arg, WORD);
  if (words === undefined) {
    const what = `${ORIGIN} ${withoutPasswords(arg)}: a quotation mark has no partner`;
    findings.add(placeOutside(ORIGIN), what, 'write it as JSON: -e \'{"name": "value"}\'');
    return [];
  }
  for (const word of words) {
    const layer = await parseAssignment(unquoted(word), findings);
    layers.push(...(layer ? [layer] : []));
  }
  return layers;
}

async function parseAssignment(word: string, findings: Findings): Promise<MapNode | undefined> {
  const place = placeOutside(ORIGIN, [withoutPasswords(`-e ${word}`)]);
  const [name = '', value] = splitOnce(word, '=');
  const path = name.split('.');
  if (value === undefined || path.includes('') || path.length > DEEPEST) {
    const hint = 'write name=value, role.name=value, a JSON object, or @file.yml';
    findings.add(place, `${ORIGIN} ${withoutPasswords(word)}: should be name=value`, hint);
    return undefined;
  }
  const node: VarNode | undefined =
    path.length > 1
      ? await parseYamlValue(value, place, findings)
      : { is: 'leaf', place, shadows: [], value };
  return node && nest(path, relocated(node, place), place);
}

/** `a.b = node` as maps in maps. */
function nest(path: readonly string[], node: VarNode, place: Place): MapNode {
  const [name = '', ...rest] = path;
  const inner = rest.length === 0 ? node : nest(rest, node, place);
  return { is: 'map', place, shadows: [], entries: new Map([[name, { keyPlace: place, node: inner }]]) };
}

/** Line and column mean nothing on a command line: every part gets the place of the whole argument. */
function relocated(node: VarNode, place: Place): VarNode {
  switch (node.is) {
    case 'leaf':
      return { ...node, place };
    case 'list':
      return { ...node, place, items: node.items.map((item) => relocated(item, place)) };
    case 'map':
      return {
        ...node,
        place,
        entries: new Map(
          [...node.entries].map(([name, entry]) => [
            name,
            { keyPlace: place, node: relocated(entry.node, place) },
          ]),
        ),
      };
  }
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** A word of `a=1 b="two words"`; brackets keep a YAML list together. */
const WORD = /(?:"[^"]*"|'[^']*'|\[[^\]]*\]|\{[^}]*\}|[^ \t\r\n\f\v"'])+/;

/** Quotes around a whole value are the command line's, not the value's. */
function unquoted(word: string): string {
  return word.replace(/^([^=]*=)(["'])(.*)\2$/s, '$1$3');
}
