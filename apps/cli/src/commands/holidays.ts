import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CliError, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import { withReadableDatabase, withWritableDatabase } from '../database-access.ts';
import { readHolidays } from '../holiday-file.ts';
import { formatOption, tableText, type TableFormat } from '../report/table.ts';
import { logOptions, type LogFlags } from '../run-log.ts';

interface HolidaysFlags extends LogFlags {
  verb: 'list' | 'import';
  file?: string;
  calendar?: string;
  replace: boolean;
  dbUrl?: string;
  waitLock: number;
  format: TableFormat;
}

const USAGE = `$0 holidays list
$0 holidays import FILE --calendar XNYS [--replace]

Days without trading: lines of a day and its name, such as 2024-03-29,Good Friday.`;

/** `ta holidays`: the days on which a market is closed. */
export function holidaysCommand(around: Surroundings): CommandModule {
  return {
    command: 'holidays <verb> [file]',
    describe: 'List calendars of days without trading, or import one',
    builder: (yargs: Argv) =>
      formatOption(logOptions(yargs))
        .usage(USAGE)
        .positional('verb', { choices: ['list', 'import'] as const, describe: 'What to do' })
        .positional('file', { type: 'string', describe: 'File with the days' })
        .option('calendar', { type: 'string', describe: 'Name of the calendar, such as XNYS' })
        .option('replace', {
          type: 'boolean',
          default: false,
          describe: 'Replace the whole calendar: days that are not in the file are removed',
        })
        .option('db-url', { type: 'string', describe: 'Database' })
        .option('wait-lock', { type: 'number', default: 0, describe: 'Seconds to wait for another run' }),
    handler: (args) => {
      const flags = args as unknown as HolidaysFlags;
      return flags.verb === 'list' ? list(around, flags) : importFile(around, flags);
    },
  } as CommandModule;
}

async function list(around: Surroundings, flags: HolidaysFlags): Promise<void> {
  const { readCalendars } = await import('@ta/state-store');
  const rows = await withReadableDatabase(around, flags, ({ database }) =>
    database.transaction((tx) => readCalendars(tx), { readOnly: true }),
  );
  around.data(tableText(rows, flags.format));
}

async function importFile(surroundings: Surroundings, flags: HolidaysFlags): Promise<void> {
  const { file, calendar, replace: isWhole, dbUrl, waitLock: waitLockSeconds } = flags;
  if (file === undefined || calendar === undefined || !/^[\w.-]{1,40}$/.test(calendar)) {
    throw usage('holidays import: expected a file and the name of a calendar', EXAMPLE);
  }
  const days = readHolidays(await textOf(path.resolve(file), file), file);
  const command = 'holidays import';
  const { withCommandLog } = await import('../command-log.ts');
  const { readCalendars, saveHolidays } = await import('@ta/state-store');
  await withCommandLog(surroundings, flags, command, { calendar }, ({ around, runId }) =>
    withWritableDatabase(around, { dbUrl, command, runId, waitLockSeconds }, async ({ database, assertExclusive }) => {
      const done = await database.transaction(async (tx) => {
        const changes = await saveHolidays(tx, calendar, days, isWhole);
        const stored = (await readCalendars(tx)).find((one) => one.calendar === calendar);
        await assertExclusive();
        return { ...changes, stored };
      });
      const { added, removed, stored } = done;
      around.print(
        `[OK] ${calendar}: ${added} days added, ${removed} removed; ${stored?.days} from ${stored?.first} to ${stored?.last}`,
      );
      if (added + removed > 0 && (stored?.assets ?? 0) > 0) {
        const who = stored?.assets === 1 ? '1 asset uses it' : `${stored?.assets} assets use it`;
        const whose = stored?.assets === 1 ? 'its' : 'their';
        around.print(`     ${who}: the next refresh rebuilds ${whose} bars and EMAs`);
      }
    }),
  );
}

const EXAMPLE = 'Example: ta holidays import xnys.csv --calendar XNYS';

async function textOf(file: string, shown: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usage(`${shown} cannot be read: ${(error as Error).message}`, EXAMPLE);
  }
}

function usage(message: string, hint: string): CliError {
  return new CliError('CLI_USAGE', message, { hint });
}
