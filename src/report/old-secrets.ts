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
    const template = kept.has(line) || line.trim() === '' ? undefined : templates.find(matches(line));
    return template === undefined ? line : template.replaceAll(NEW, OLD);
  });
  return lines.join('\n');
}

function matches(line: string): (template: string) => boolean {
  return (template) => {
    const pattern = template.split(NEW).map(forgiving).join('.*');
    return new RegExp(`^${pattern}$`).test(line);
  };
}

/** Matches `text` whatever its spacing and quoting, which may have changed along with the value. */
function forgiving(text: string): string {
  return text
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
    .replaceAll(/["']/g, String.raw`["']?`)
    .replaceAll(/\s+/g, String.raw`\s*`);
}
