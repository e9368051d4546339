/** Lines of one section, the inherited ones first. */
type Lines = readonly string[];

const REFUSES =
  /^(?:(?:stats )?http-request|tcp-request (?:connection|session|content)) (?:deny|reject|tarpit|silent-drop)\b/;

/** Statistics, metrics: what tells everybody about the servers. */
export function shows(line: string): boolean {
  return (
    /^stats (enable|uri|admin|realm|refresh|scope|hide-version|show-)/.test(line) ||
    /^http-request use-service prometheus-exporter\b/.test(line)
  );
}

/** Whether only some may see what a line shows: they know a password, or come from somewhere. */
export function isGuarded(line: string, lines: Lines): boolean {
  // Requests are answered in the order of their rules, the page only after all of them.
  const isRule = line.startsWith('http-request ');
  const before = isRule ? lines.slice(0, lines.indexOf(line)) : lines;
  return isForSome(line, lines) || guardsAll(before) || (!isRule && before.some(guardsPage));
}

/** Whether no request gets past these lines without a password, or only from somewhere. */
export function guardsAll(lines: Lines): boolean {
  return lines.some((line) => /^http-request auth\b/.test(line) || (!isOfPage(line) && refuses(line, lines)));
}

function guardsPage(line: string, _: number, lines: Lines): boolean {
  return /^stats (auth|http-request auth)\b/.test(line) || (isOfPage(line) && refuses(line, lines));
}

function isOfPage(line: string): boolean {
  return line.startsWith('stats ');
}

/** It refuses everybody, or all but those that come from somewhere; a refused path is no guard of the others. */
function refuses(line: string, lines: Lines): boolean {
  if (!REFUSES.test(line)) {
    return false;
  }
  const { word, sources } = conditionOf(line, lines);
  return word === undefined || sources.includes(word === 'if' ? 'is not' : 'is');
}

function isForSome(line: string, lines: Lines): boolean {
  const { word, sources } = conditionOf(line, lines);
  return word !== undefined && sources.includes(word === 'if' ? 'is' : 'is not');
}

interface Condition {
  readonly word: 'if' | 'unless' | undefined;
  /** How the condition asks for the client's address. */
  readonly sources: readonly ('is' | 'is not')[];
}

function conditionOf(line: string, lines: Lines): Condition {
  const [, word, condition = ''] = / (if|unless) (.+)$/.exec(line) ?? [];
  const terms = [...condition.matchAll(/(!?) ?(?:\{ ?([^}]*)\}|([^\s{}!]+))/g)];
  const sources = terms.filter(([, , criterion, acl]) =>
    criterion === undefined
      ? lines.some((other) => other.startsWith(`acl ${acl} `) && isSource(other.slice(`acl ${acl} `.length)))
      : isSource(criterion),
  );
  return {
    word: word === 'if' || word === 'unless' ? word : undefined,
    sources: sources.map(([, not]) => (not === '!' ? 'is not' : 'is')),
  };
}

function isSource(criterion: string): boolean {
  return /^src\b/.test(criterion);
}
