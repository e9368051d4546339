import type { DrillResult } from '../core/drill.ts';
import { drillTable } from './drill-table.ts';
import { notesOn, verdictText } from './drill-text.ts';
import type { Ink } from './ink.ts';
import { inMarkdown, tableInMarkdown } from './markdown.ts';

/** A drill as a page of Markdown, for a wiki or a report. */
export function drillMarkdown(result: DrillResult, ink: Ink): string {
  const escaped = (text: string) => inMarkdown(ink.line(text));
  const { head, rows } = drillTable(result);
  const at = new Date(result.startedAt).toISOString().slice(0, 16).replace('T', ' ');
  const cells = rows.map((row) => [...row.cells, row.row.verdict].map(escaped));
  const table = rows.length === 0 ? [] : [tableInMarkdown([...head, 'verdict'].map(escaped), cells)];
  const why = result.troubles.map(({ what, why: lines = [] }) =>
    [what, ...lines].map((text) => `- ${escaped(text)}`).join('\n'),
  );
  const notes = notesOn(result).map((note) => `- ${escaped(note)}`);
  const parts = [
    `## Drill of ${escaped(result.playbook)}, ${at} UTC`,
    `On ${escaped(result.hosts.join(', '))}: ${verdictText(result)}.`,
    ...table,
    notes.join('\n'),
    ...why,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
