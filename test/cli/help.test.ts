import type { Command as Parser } from 'commander';
import { describe, expect, it } from 'vitest';
import { helpText } from '../../src/cli/help.ts';
import { HELP_TOPICS } from '../../src/cli/help-topics.ts';
import { runParser } from '../../src/cli/parse.ts';
import { EXIT } from '../../src/core/error.ts';

const PROGRAM = runParser(() => {});

describe('the help', () => {
  it.each(HELP_TOPICS)('of %s', async (of) => {
    await expect(helpText(of, ['phase1', 'phase2'])).toMatchFileSnapshot(`golden/help-${of}.txt`);
  });

  it.each(HELP_TOPICS)('of %s fits on 80 columns', (of) => {
    const tooLong = helpText(of, ['phase1', 'phase2'])
      .split('\n')
      .filter((line) => line.length > 80);

    expect(tooLong).toEqual([]);
  });

  it.each([
    ['run', [PROGRAM]],
    ['lab', commandsOf('lab')],
    ['vars', commandsOf('vars')],
    ['lint', commandsOf('lint')],
    ['explain', commandsOf('explain')],
    ['drill', commandsOf('drill')],
    ['drift', commandsOf('drift')],
    ['status', commandsOf('status')],
    ['history', commandsOf('history')],
    ['lock', commandsOf('lock')],
    ['drift', commandsOf('drift')],
    ['plan', commandsOf('plan')],
    ['apply', commandsOf('apply')],
  ] as const)('of %s names every option', (of, parsers) => {
    const options = parsers.flatMap((parser) => parser.options.flatMap(({ short, long }) => [short, long]));

    for (const option of options.filter((name) => name !== undefined)) {
      expect(helpText(of, [])).toContain(option);
    }
  });

  it('lists every exit code', () => {
    for (const exit of Object.values(EXIT)) {
      expect(helpText('run', [])).toMatch(new RegExp(`  ${exit}  \\w`));
    }
  });
});

function commandsOf(name: string): readonly Parser[] {
  const command = PROGRAM.commands.find((candidate) => candidate.name() === name);
  return command === undefined ? [] : [command, ...command.commands];
}
