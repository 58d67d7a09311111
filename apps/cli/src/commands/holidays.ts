import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  assertOwnedWords,
  commandOf,
  flag,
  type Argv,
  type CommandModule,
  type FlagsOf,
  type OwnedWords,
  type Surroundings,
} from '@ta/cli-kit';
import { withReadableDatabase } from '../readable-database.ts';
import { formatOption, tableText } from '../report/table.ts';
import { logOptions } from '../run-log.ts';
import { usage } from '../usage.ts';

const USAGE = `$0 holidays list
$0 holidays import FILE --calendar XNYS [--replace]

FILE has a line for each day without trading: the day and its name, e.g. 2024-03-29,Good Friday.`;

const options = (yargs: Argv) =>
  formatOption(logOptions(yargs))
    .usage(USAGE)
    .positional(
      'verb',
      flag.oneOf(['list', 'import'], 'List the calendars, or import one from a file', { demandOption: true }),
    )
    .positional('file', flag.text('import: file of the days without trading'))
    .options({
      calendar: flag.text('import: name of the calendar, e.g. XNYS'),
      replace: flag.off('import: also remove days of the calendar that the file does not have'),
      'db-url': flag.text('Database URL'),
      'wait-lock': flag.waitLock('import'),
    });
type HolidaysFlags = FlagsOf<typeof options>;

const OWNED: OwnedWords = { file: ['import'], '--calendar': ['import'], '--replace': ['import'] };

/** `ta holidays`: the days on which a market is closed. */
export function holidaysCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'holidays <verb> [file]',
    describe: 'List the holiday calendars, or import one',
    builder: options,
    handler: (flags) => {
      assertOwnedWords('ta holidays', flags.verb, flags, OWNED);
      return flags.verb === 'list' ? list(around, flags) : importFile(around, flags);
    },
  });
}

async function list(around: Surroundings, flags: HolidaysFlags): Promise<void> {
  const { readCalendars } = await import('@ta/state-store');
  const rows = await withReadableDatabase(around, flags, ({ database }) =>
    database.transaction((tx) => readCalendars(tx), { readOnly: true }),
  );
  around.data(tableText(rows, flags.format));
}

async function importFile(surroundings: Surroundings, flags: HolidaysFlags): Promise<void> {
  const { file, calendar, replace: isWhole } = flags;
  if (file === undefined || calendar === undefined || !/^[\w.-]{1,40}$/.test(calendar)) {
    throw usage('holidays import: expected a file and the name of a calendar', EXAMPLE);
  }
  if (calendar === 'none') {
    throw usage(
      'holidays import: no calendar can be called none',
      'ta assets set ID --holidays none takes the calendar from an asset.',
    );
  }
  const { readHolidays } = await import('../holiday-file.ts');
  const days = readHolidays(await textOf(path.resolve(file), file), file);
  const { withLoggedDatabase } = await import('../command-log.ts');
  const { readCalendars, saveHolidays } = await import('@ta/state-store');
  const command = { flags, command: 'holidays import', facts: { calendar }, makesDatabase: true } as const;
  await withLoggedDatabase(surroundings, command, async ({ around, database, assertExclusive }) => {
    const { added, removed, stored } = await database.transaction(async (tx) => {
      const changes = await saveHolidays(tx, calendar, days, isWhole);
      const stored = (await readCalendars(tx)).find((one) => one.calendar === calendar);
      await assertExclusive();
      return { ...changes, stored };
    });
    around.print(
      `[OK] ${calendar}: ${added} days added, ${removed} removed; ${stored?.days} from ${stored?.first} to ${stored?.last}`,
    );
    if (added + removed > 0 && (stored?.assets ?? 0) > 0) {
      const who = stored?.assets === 1 ? '1 asset uses it' : `${stored?.assets} assets use it`;
      const whose = stored?.assets === 1 ? 'its' : 'their';
      around.print(`     ${who}: the next refresh rebuilds ${whose} bars and EMAs`);
    }
  });
}

const EXAMPLE = 'Example: ta holidays import xnys.csv --calendar XNYS';

async function textOf(file: string, shown: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usage(`${shown} cannot be read: ${(error as Error).message}`, EXAMPLE);
  }
}
