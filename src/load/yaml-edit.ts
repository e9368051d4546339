/** A value at a path of a YAML document. */
export interface YamlValue {
  readonly path: readonly string[];
  readonly value: string | number | boolean;
}

/** A YAML document with these values; comments and everything else stay as they are. */
export async function withYamlValues(text: string, values: readonly YamlValue[]): Promise<string> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  values.forEach(({ path, value }) => document.setIn(path, value));
  return document.toString({ lineWidth: 0 });
}
