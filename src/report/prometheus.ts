/** A metric with its samples, all of one kind: a value that goes up and down. */
export interface Gauge {
  readonly name: string;
  /** What it tells, in one sentence. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Metrics in Prometheus' text format 0.0.4; those without a sample are left out.
 *
 * @param shared labels of every sample
 * @param masked replaces the secrets that are known
 */
export function prometheusText(
  gauges: readonly Gauge[],
  shared: Readonly<Record<string, string>>,
  masked: (text: string) => string,
): string {
  return gauges
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) =>
      [
        `# HELP ${name} ${escaped(help)}`,
        `# TYPE ${name} gauge`,
        ...samples.map(
          ({ labels, value }) => `${name}${labelText({ ...shared, ...labels }, masked)} ${value}`,
        ),
        '',
      ].join('\n'),
    )
    .join('');
}

function labelText(labels: Readonly<Record<string, string>>, masked: (text: string) => string): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(masked(value)).replaceAll('"', String.raw`\"`)}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}
