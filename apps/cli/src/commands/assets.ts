import { CliError, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import type { AssetRow, Session } from '@ta/state-store';
import { withReadableDatabase, withWritableDatabase } from '../database-access.ts';
import { formatOption, tableText, type TableFormat } from '../report/table.ts';
import { logOptions, type LogFlags } from '../run-log.ts';

interface AssetsFlags extends LogFlags {
  verb: 'list' | 'rename' | 'remove' | 'set';
  id?: number;
  name?: string;
  symbol?: string;
  closeRule?: 'calendar' | 'market';
  weekdays?: string;
  holidays?: string;
  yes: boolean;
  dbUrl?: string;
  waitLock: number;
  format: TableFormat;
}

const USAGE = `$0 assets list
$0 assets rename ID NAME [--symbol SYMBOL]
$0 assets remove ID [--yes]
$0 assets set ID --close-rule market --weekdays Mon-Fri --holidays XNYS

What is stored under which id, what is to be done about a wrong name or a wrong asset, and how an asset trades.`;

/** `ta assets`: the assets, their names, and what is stored of them. */
export function assetsCommand(around: Surroundings): CommandModule {
  return {
    command: 'assets <verb> [id] [name]',
    describe:
      'List assets with their days, rename one, say how it trades, remove one with everything that belongs to it',
    builder: (yargs: Argv) =>
      formatOption(logOptions(yargs))
        .usage(USAGE)
        .positional('verb', { choices: ['list', 'rename', 'remove', 'set'] as const, describe: 'What to do' })
        .positional('id', { type: 'number', describe: 'Id of the asset' })
        .positional('name', { type: 'string', describe: 'New name' })
        .option('symbol', { type: 'string', describe: 'New symbol' })
        .option('close-rule', {
          choices: ['calendar', 'market'] as const,
          describe: 'set: bars close on their last calendar day, or with their last row',
        })
        .option('weekdays', { type: 'string', describe: 'set: days with trading, such as Mon-Fri or Sun-Thu' })
        .option('holidays', { type: 'string', describe: 'set: calendar of ta holidays, or none' })
        .option('yes', { type: 'boolean', default: false, describe: 'Remove; without it the rows are only counted' })
        .option('db-url', { type: 'string', describe: 'Database' })
        .option('wait-lock', { type: 'number', default: 0, describe: 'Seconds to wait for another run to finish' }),
    handler: (args) => runAssets(around, args as unknown as AssetsFlags),
  } as CommandModule;
}

function runAssets(around: Surroundings, flags: AssetsFlags): Promise<void> {
  switch (flags.verb) {
    case 'list':
      return list(around, flags);
    case 'rename':
      return rename(around, flags);
    case 'remove':
      return remove(around, flags);
    case 'set':
      return set(around, flags);
  }
}

const LIST = `SELECT a.id, a.name, a.symbol, a.is_active AS active, s.rows, s.first, s.last, a.is_close_only AS close_only,
    a.close_rule, a.trading_weekdays AS weekdays, a.holiday_calendar AS holidays
  FROM dim_assets a LEFT JOIN (
    SELECT id, count(*) AS rows, min("timestamp") AS first, max("timestamp") AS last FROM cmc_price_histories7 GROUP BY id
  ) s ON s.id = a.id ORDER BY a.id`;

async function list(around: Surroundings, flags: AssetsFlags): Promise<void> {
  const rows = await withReadableDatabase(around, flags, ({ database }) =>
    database.transaction((tx) => tx.query(LIST), { readOnly: true }),
  );
  around.data(tableText(rows, flags.format));
}

async function rename(around: Surroundings, flags: AssetsFlags): Promise<void> {
  const id = idOf(flags);
  const { name, symbol } = flags;
  if (name === undefined) throw usage('assets rename: the new name is missing', 'Example: ta assets rename 1 Bitcoin');
  const { assertAssetName } = await import('@ta/price-import');
  for (const text of symbol === undefined ? [name] : [name, symbol]) assertAssetName(text);
  const { renameAsset } = await import('@ta/state-store');
  await change(around, flags, async (tx, asset, { print }) => {
    assertAsset(asset, id);
    await renameAsset(tx, id, name, symbol);
    print(`[OK] Asset ${id}: ${JSON.stringify(asset.name)} is now ${JSON.stringify(name)}`);
  });
}

async function set(around: Surroundings, flags: AssetsFlags): Promise<void> {
  const id = idOf(flags);
  const { closeRule, weekdays, holidays } = flags;
  if (closeRule === undefined && weekdays === undefined && holidays === undefined) {
    throw usage('assets set: nothing to set', `Example: ta assets set ${id} --close-rule market --weekdays Mon-Fri`);
  }
  const { EVERY_DAY, tradingDaysText } = await import('@ta/bars-core/engine');
  const { readCalendars, readDailyState, readTradingDays, saveTrading } = await import('@ta/state-store');
  const tradingWeekdays = weekdays === undefined ? undefined : await weekdaysOf(weekdays);
  const holidayCalendar = holidays === undefined ? undefined : holidays === 'none' ? null : holidays;
  await change(around, flags, async (tx, asset, { print }) => {
    assertAsset(asset, id);
    const known = (await readCalendars(tx)).map(({ calendar }) => calendar);
    if (typeof holidayCalendar === 'string' && !known.includes(holidayCalendar)) {
      const there = known.length === 0 ? 'none is stored' : `there are ${known.join(', ')}`;
      const hint = `ta holidays import FILE --calendar ${holidayCalendar} brings one; --holidays none removes the calendar.`;
      throw usage(`There is no calendar ${holidayCalendar}: ${there}`, hint);
    }
    await saveTrading(tx, id, {
      ...(closeRule === undefined ? {} : { closeRule }),
      ...(tradingWeekdays === undefined ? {} : { tradingWeekdays }),
      ...(holidayCalendar === undefined ? {} : { holidayCalendar }),
    });
    const daily = await readDailyState(tx, id);
    const trading = (await readTradingDays(tx, [id])).get(id) ?? EVERY_DAY;
    const isBuiltSo = daily !== null && daily.tradingDays === tradingDaysText(trading);
    const next = isBuiltSo ? 'its bars already follow this rule' : 'the next refresh rebuilds its bars and EMAs';
    print(`[OK] Asset ${id} (${JSON.stringify(asset.name)}): ${next}`);
  });
}

async function weekdaysOf(text: string): Promise<string> {
  const { parseWeekdays, weekdaysText } = await import('@ta/bars-core/engine');
  try {
    return weekdaysText(parseWeekdays(text));
  } catch (error) {
    throw usage((error as Error).message, (error as { hint?: string }).hint ?? '');
  }
}

async function remove(around: Surroundings, flags: AssetsFlags): Promise<void> {
  const id = idOf(flags);
  const { countAssetRows, removeAsset } = await import('@ta/state-store');
  await change(around, flags, async (tx, asset, { print }) => {
    const counts = await countAssetRows(tx, id);
    // rows, and changes in the log, may be there of an id that is no asset
    if (counts.length === 0) assertAsset(asset, id);
    print(`Asset ${id} (${asset === null ? 'not in dim_assets' : JSON.stringify(asset.name)}):`);
    for (const { table, rows } of counts) print(`  ${table}: ${rows} rows`);
    if (!flags.yes) throw usage('Nothing is removed yet', `To remove all of it: ta assets remove ${id} --yes`);
    const removed = await removeAsset(tx, id);
    print(`[OK] Asset ${id} removed: ${removed} rows`);
  });
}

/** Changes an asset, in one transaction and with a line in the log. */
async function change(
  surroundings: Surroundings,
  flags: AssetsFlags,
  work: (tx: Session, asset: AssetRow | null, around: Surroundings) => Promise<void>,
): Promise<void> {
  const { verb, dbUrl, waitLock: waitLockSeconds } = flags;
  const id = idOf(flags);
  const command = `assets ${verb}`;
  const { withCommandLog } = await import('../command-log.ts');
  const { findAsset } = await import('@ta/state-store');
  await withCommandLog(surroundings, flags, command, { id }, ({ around, runId }) =>
    withWritableDatabase(around, { dbUrl, command, runId, waitLockSeconds }, async ({ database, assertExclusive }) => {
      // what is printed of a change is printed once it is made for good
      const lines: string[] = [];
      const later = { ...around, print: (line: string) => void lines.push(line) };
      try {
        await database.transaction(async (tx) => {
          const asset = await findAsset(tx, id);
          await work(tx, asset, later);
          await assertExclusive();
        });
      } finally {
        for (const line of lines.filter((line) => !line.startsWith('[OK]'))) around.print(line);
      }
      for (const line of lines.filter((line) => line.startsWith('[OK]'))) around.print(line);
    }),
  );
}

function assertAsset(asset: AssetRow | null, id: number): asserts asset is AssetRow {
  if (asset === null) throw usage(`There is no asset ${id}`, 'ta assets list shows what there is.');
}

function idOf({ id, verb }: AssetsFlags): number {
  if (id !== undefined && Number.isInteger(id) && id >= 1 && id <= 2_147_483_647) return id;
  throw usage(`assets ${verb}: expected the id of an asset`, `Example: ta assets ${verb} 1`);
}

function usage(message: string, hint: string): CliError {
  return new CliError('CLI_USAGE', message, { hint });
}
