import { describe, expect, it } from 'vitest';
import { readSurroundings, runProgram } from '@ta/cli-kit';
import { checkChoice, checkOptions, type CheckFlags } from './check-flags.ts';

const NOW = Date.UTC(2024, 6, 1, 12);
/** The flags as a command gets them; a refusal of the parser is thrown. */
const parse = async (line: string): Promise<CheckFlags> => {
  let flags: unknown;
  let refusal = '';
  const handler = (given: unknown) => void (flags = given);
  const program = {
    name: 'validator',
    purpose: 'Test.',
    commands: () => [{ command: 'check', builder: checkOptions, handler }],
  };
  const words = line.split(' ').filter((word) => word !== '');
  const before = process.exitCode;
  await runProgram(program, ['check', ...words], {
    ...readSurroundings(),
    warn: (text: string) => void (refusal += text),
  });
  process.exitCode = before;
  if (flags === undefined) throw new Error(refusal);
  return flags as CheckFlags;
};
const choice = async (line: string) => checkChoice({ now: () => NOW }, await parse(line));

describe('the flags of check', () => {
  it('ask for everything without any', async () => {
    const { ids, request } = await choice('');
    expect(ids).toStrictEqual({ kind: 'all' });
    expect(request).toMatchObject({
      scope: 'all',
      families: null,
      checks: null,
      profile: 'full',
      fromTs: -Infinity,
      untilTs: Infinity,
      asOfTs: NOW,
      failOn: 'ERROR',
      seed: 42,
      relTolerance: 0,
      stalenessHours: 48,
    });
  });

  it('check, print a table and leave everything as it is without any', async () => {
    const flags = { list: false, save: false, alert: false, verbose: false, format: 'table', limit: 20 };
    expect(await parse('')).toMatchObject(flags);
    expect(await parse('--list --save --alert --verbose --format json --limit 5')).toMatchObject({
      ...{ list: true, save: true, alert: true, verbose: true, format: 'json', limit: 5 },
    });
  });

  it('name parts of the database and of time', async () => {
    const { ids, request } = await choice(
      '--ids 52,1 --families 1d,cal_us --tfs 7D --periods 6,10 --checks b01,E03 --skip-checks B01 --since 2024-01-01 --until 2024-01-31 --as-of 2024-06-30',
    );
    expect(ids).toStrictEqual({ kind: 'list', ids: [1, 52], duplicates: [] });
    expect(request).toMatchObject({
      families: ['1d', 'cal_us'],
      tfs: ['7D'],
      periods: [6, 10],
      checks: ['B01', 'E03'],
      skipChecks: ['B01'],
      fromTs: Date.UTC(2024, 0, 1),
      untilTs: Date.UTC(2024, 1, 1),
      asOfTs: Date.UTC(2024, 6, 1),
    });
  });

  it.each([
    ['--checks B99', 'CLI_UNKNOWN_NAME'],
    ['--families daily', 'CLI_UNKNOWN_NAME'],
    ['--periods six', 'CLI_BAD_PERIODS'],
    ['--tfs ,', 'CLI_BAD_TIMEFRAMES'],
    ['--ids x', 'CLI_BAD_IDS'],
    ['--as-of yesterday', 'CLI_BAD_INSTANT'],
    ['--concurrency 0', 'CLI_BAD_NUMBER'],
    ['--rel-tol -1', 'CLI_BAD_NUMBER'],
    ['--limit 1.5', 'CLI_BAD_NUMBER'],
    ['--sample-size 0', 'CLI_BAD_NUMBER'],
    ['--since 2024-02-01 --until 2024-01-01', 'CLI_BAD_INSTANT'],
    ['--scope bars --checks E01', 'VALIDATION_BAD_OPTION'],
  ])('%s is refused with %s', async (line, code) => {
    await expect(choice(line)).rejects.toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['--format xml', '--format: "xml" is not one of'],
    ['--profile quick', '--profile: "quick" is not one of'],
    ['--fail-on INFO', '--fail-on: "INFO" is not one of'],
    ['--nonsense', '--nonsense'],
    ['--staleness-hours 0', '--staleness-hours: expected hours above 0, got 0'],
  ])('%s is refused by the parser', async (line, words) => {
    await expect(parse(line)).rejects.toThrow(words);
  });
});
