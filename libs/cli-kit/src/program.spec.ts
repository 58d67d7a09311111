import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flag, readSurroundings, runProgram, stalenessHoursFlag, type Argv, type Program } from './index.ts';

/** What a command line came to: the flags that its command got, or the refusal. */
interface Ended {
  readonly code: number;
  readonly flags: Record<string, unknown> | null;
  readonly said: string;
}

describe('a command line', () => {
  let exitCode: typeof process.exitCode;
  beforeEach(() => {
    exitCode = process.exitCode;
    process.exitCode = undefined;
  });
  afterEach(() => {
    process.exitCode = exitCode;
  });

  async function run(...argv: string[]): Promise<Ended> {
    let flags: Ended['flags'] = null;
    let said = '';
    const program: Program = {
      name: 'prog',
      purpose: 'Test.',
      commands: () => [
        {
          command: 'check [file]',
          builder: (yargs: Argv) =>
            yargs
              .positional('file', { type: 'string' })
              .option('db-url', { type: 'string' })
              .option('profile', { choices: ['fast', 'full'] as const, default: 'full' })
              .option('limit', { type: 'number', default: 20, alias: 'most' })
              .option('wait-lock', flag.waitLock())
              .option('staleness-hours', stalenessHoursFlag({}))
              .option('ids', { type: 'string' })
              .option('resume', { type: 'string' })
              .option('save', { type: 'boolean', default: false })
              .option('alerts', { type: 'boolean', default: true }),
          handler: (given) => void (flags = given),
        },
      ],
    };
    await runProgram(program, argv, {
      ...readSurroundings(),
      warn: (line: string) => void (said += `${line}\n`),
    });
    return { code: Number(process.exitCode ?? 0), flags, said };
  }

  it.each<[string, Record<string, unknown>]>([
    ['check', { profile: 'full', limit: 20, save: false, alerts: true }],
    ['check a.csv --db-url x --profile fast --limit 3', { file: 'a.csv', dbUrl: 'x', profile: 'fast', limit: 3 }],
    ['check --db-url=x --limit=-3', { dbUrl: 'x', limit: -3 }],
    ['check --dbUrl x --most 5', { dbUrl: 'x', limit: 5 }],
    ['check', { waitLock: 0 }],
    ['check --waitLock 1.5 --staleness-hours 0.1', { waitLock: 1.5, stalenessHours: 0.1 }],
    ['check --ids 1 --ids 2', { ids: ['1', '2'] }],
    ['check --resume', { resume: '' }],
    ['check --save --save', { save: true }],
    ['check --no-alerts', { alerts: false }],
    ['check --save=false', { save: false }],
  ])('%s', async (line, flags) => {
    const ended = await run(...line.split(' '));
    expect([ended.code, ended.said]).toStrictEqual([0, '']);
    expect(ended.flags).toMatchObject(flags);
  });

  it.each<[readonly string[], string]>([
    [['check', '--db-url', '--profile', 'fast'], '--db-url needs a value'],
    [['check', '--dbUrl', '--profile', 'fast'], 'needs a value'],
    [['check', '--db-url'], '--db-url needs a value'],
    [['check', '--db-url='], '--db-url: expected a value'],
    [['check', '--db-url', ''], '--db-url: expected a value'],
    [['check', '--dbUrl='], '--db-url: expected a value'],
    [['check', '--no-db-url'], '--db-url needs a value'],
    [['check', '--db-url.x', 'y'], 'Unknown flag --db-url.x'],
    [['check', '--db-url', 'a', '--db-url', 'b'], '--db-url is given 2 times'],
    [['check', '--profile', '--save'], '--profile needs a value'],
    [['check', '--profile'], '--profile needs a value'],
    [['check', '--profile', 'fast', '--profile', 'full'], '--profile is given 2 times'],
    [['check', '--profile', 'fats'], 'Did you mean fast?'],
    [['check', '--limit', ''], '--limit: expected a value'],
    [['check', '--limit='], '--limit: expected a value'],
    [['check', '--most='], '--limit: expected a value'],
    [['check', '--no-limit'], '--limit needs a value'],
    [['check', '--limit', 'many'], '--limit: expected a number, got "many"'],
    [['check', '--limit', '1', '--limit', '2'], '--limit is given 2 times'],
    [['check', '--wait-lock=-1'], '--wait-lock: expected seconds, 0 or more, got -1'],
    [['check', '--wait-lock=Infinity'], '--wait-lock: expected a number, got "Infinity"'],
    [['check', '--staleness-hours', '0'], '--staleness-hours: expected hours above 0, got 0'],
    [['check', '--stalenessHours', '-1'], '--staleness-hours: expected hours above 0, got -1'],
    [['check', '--staleness-hours='], '--staleness-hours: expected a value'],
    [['check', '--no-staleness-hours'], '--staleness-hours needs a value'],
    [['check', '--staleness-hours', '1', '--staleness-hours', '0'], '--staleness-hours is given 2 times'],
    [['check', '--save=yes'], '--save: expected no value'],
    [['check', '--profil', 'fast'], 'Did you mean --profile?'],
    [['check', 'a', 'b'], 'Unknown word "b"'],
    [['chek'], 'Did you mean check?'],
    [[], 'Name a command'],
  ])('%j is refused', async (argv, says) => {
    const ended = await run(...argv);
    expect(ended.said).toContain(says);
    expect(ended.said).toMatch(/^\[ERROR\] [^\n]+\n(?: {2}[^\n]+\n)? {2}Help: prog (?:check )?--help\n$/);
    expect([ended.code, ended.flags]).toStrictEqual([2, null]);
  });
});
