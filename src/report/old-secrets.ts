const NEW = '[secret]';
const OLD = '[old secret]';

/**
 * `before` without the values that a secret in `after` replaces.
 *
 * A password that is being changed is unknown to the inventory, so masking cannot find it: what stands
 * on a line of the old file where the new one has `[secret]` is taken for one.
 *
 * @param after already masked
 */
export function withoutOldSecrets(before: string, after: string): string {
  const kept = new Set(after.split('\n'));
  const templates = [...kept].filter((line) => line.includes(NEW));
  if (templates.length === 0) {
    return before;
  }
  const lines = before.split('\n').map((line) => {
    const template =
      kept.has(line) || line.trim() === '' ? undefined : templates.find((one) => isLike(line, one));
    return template === undefined ? line : template.replaceAll(NEW, OLD);
  });
  return lines.join('\n');
}

/** By its parts in their order, whatever stands between them; a pattern could take for ever on what a host has. */
function isLike(line: string, template: string): boolean {
  const bare = forgiving(line);
  const [first = '', ...others] = template.split(NEW).map(forgiving);
  const last = others.pop() ?? '';
  let end = bare.startsWith(first) ? first.length : -1;
  for (const part of others) {
    const at = end < 0 ? -1 : bare.indexOf(part, end);
    end = at < 0 ? -1 : at + part.length;
  }
  return end >= 0 && bare.length - last.length >= end && bare.endsWith(last);
}

/** `text` without spacing and quotes, which may have changed along with the value. */
function forgiving(text: string): string {
  return text.replaceAll(/["'\s]/g, '');
}
