import type { DriftPast, DriftReport, Finding, FindingSpan, IgnoreRule } from '../core/drift.ts';
import type { Unified } from './document.ts';
import { spanOf } from './drift-groups.ts';

/**
 * What `drift --json` prints: one document on stdout; docs/drift.schema.json describes it.
 *
 * `version` goes up when a field is removed or means something else; new fields may come at any time.
 */
export interface DriftDocument extends Omit<DriftReport, 'troubles' | 'findings' | 'ignored'> {
  readonly kind: 'drift';
  readonly findings: readonly FindingDocument[];
  readonly ignored: readonly { readonly finding: FindingDocument; readonly rule: IgnoreRule }[];
  /** Since when the findings above are there; absent where no history is kept. */
  readonly history?: readonly FindingSpan[];
  /** Hosts that could not be asked, and what kept the check from being whole. */
  readonly errors: DriftReport['troubles'];
}

export interface FindingDocument extends Omit<Finding, 'diff'> {
  /** Only with `--diff`: from what was found to what is expected, without secrets. */
  readonly diff?: { readonly path: string; readonly unified: string };
}

/** The document of a check; its texts may still hold secrets, which `printedDocument` masks. */
export function driftDocument(
  { troubles, ...report }: DriftReport,
  { unified, past }: { readonly unified?: Unified | undefined; readonly past?: DriftPast | undefined },
): DriftDocument {
  const all = [...report.findings, ...report.ignored.map(({ finding }) => finding)];
  const history = past && all.flatMap((finding) => spanOf(finding, past) ?? []);
  return {
    kind: 'drift',
    ...report,
    findings: report.findings.map((finding) => findingDocument(finding, unified)),
    ignored: report.ignored.map(({ finding, rule }) => ({
      finding: findingDocument(finding, unified),
      rule,
    })),
    ...(history !== undefined && { history }),
    errors: troubles,
    ms: Math.round(report.ms),
  };
}

/** What a file held before is a secret of nobody the inventory knows: only a diff leaves it out. */
function findingDocument({ diff, ...finding }: Finding, unified: Unified | undefined): FindingDocument {
  return diff === undefined || unified === undefined
    ? finding
    : { ...finding, diff: { path: diff.path, unified: unified(diff) } };
}
