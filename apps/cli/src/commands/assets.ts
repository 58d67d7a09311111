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
import type { AssetRow, Session } from '@ta/state-store';
import { withReadableDatabase } from '../readable-database.ts';
import { formatOption, tableText } from '../report/table.ts';
import { logOptions } from '../run-log.ts';
import { usage } from '../usage.ts';

const USAGE = `$0 assets list
$0 assets rename ID NAME [--symbol SYMBOL]
$0 assets remove ID [--yes]
$0 assets set ID --close-rule market --weekdays Mon-Fri --holidays XNYS

Lists the assets and the days stored of each; corrects a name; removes an asset with all its rows; or
sets when the bars of an asset close and on which days it trades (docs/markets.md).`;

const options = (yargs: Argv) =>
  formatOption(logOptions(yargs))
    .usage(USAGE)
    .positional(
      'verb',
      flag.oneOf(['list', 'rename', 'remove', 'set'], 'What to do, see above', { demandOption: true }),
    )
    .positional('id', flag.number('Id of the asset'))
    .positional('name', flag.text('rename: new name'))
    .options({
      symbol: flag.text('rename: new symbol'),
      'close-rule': flag.oneOf(
        ['calendar', 'market'],
        'set: bars close on their last calendar day, or with their last row',
      ),
      weekdays: flag.text('set: days of trading, e.g. Mon-Fri or Sun-Thu'),
      holidays: flag.text('set: holiday calendar (see ta holidays), or none'),
      yes: flag.off('remove: remove them; without it the rows are only counted'),
      'db-url': flag.text('Database URL'),
      'wait-lock': flag.waitLock(),
    });
type AssetsFlags = FlagsOf<typeof options>;

const OWNED: OwnedWords = {
  id: ['rename', 'remove', 'set'],
  name: ['rename'],
  '--symbol': ['rename'],
  '--close-rule': ['set'],
  '--weekdays': ['set'],
  '--holidays': ['set'],
  '--yes': ['remove'],
};

/** `ta assets`: the assets, their names, and what is stored of them. */
export function assetsCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'assets <verb> [id] [name]',
    describe: 'List assets, rename one, set on which days it trades, or remove it with all its rows',
    builder: options,
    handler: (flags) => {
      assertOwnedWords('ta assets', flags.verb, flags, OWNED);
      return runAssets(around, flags);
    },
  });
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

async function list(around: Surroundings, flags: AssetsFlags): Promise<void> {
  const { listAssets } = await import('@ta/state-store/open');
  const rows = await withReadableDatabase(around, flags, ({ database }) =>
    database.transaction(listAssets, { readOnly: true }),
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
      const hint = `ta holidays import FILE --calendar ${holidayCalendar} imports it; --holidays none removes the calendar from the asset.`;
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
    // an id that is not in dim_assets may still have rows, and entries in the log of changes
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
  const id = idOf(flags);
  const { withLoggedDatabase } = await import('../command-log.ts');
  const { findAsset } = await import('@ta/state-store');
  await withLoggedDatabase(surroundings, { flags, command: `assets ${flags.verb}`, facts: { id } }, async (open) => {
    const { around, database, assertExclusive } = open;
    // print the lines about a change only after it was committed
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
  });
}

function assertAsset(asset: AssetRow | null, id: number): asserts asset is AssetRow {
  if (asset === null) throw usage(`There is no asset ${id}`, 'ta assets list shows what there is.');
}

function idOf({ id, verb }: AssetsFlags): number {
  if (id !== undefined && Number.isInteger(id) && id >= 1 && id <= 2_147_483_647) return id;
  throw usage(`assets ${verb}: expected the id of an asset`, `Example: ta assets ${verb} 1`);
}
