import { CliError, commandOf, flag, type Argv, type CommandModule, type FlagsOf, type Surroundings } from '@ta/cli-kit';
import type { SettingRow } from '@ta/state-store';
import { withReadableDatabase } from '../readable-database.ts';
import type { RefreshFlags } from '../refresh-flags.ts';
import { logOptions } from '../run-log.ts';
import { formatOption, tableText } from '../report/table.ts';

const options = (yargs: Argv) =>
  logOptions(formatOption(yargs))
    .options({
      tz: flag.text('New IANA time zone of the days'),
      periods: flag.list('New EMA periods: lut (table ema_alpha_lookup) or e.g. 10,21,50'),
      'full-rebuild': flag.off('Required for a change: rebuild all bars and EMAs of all active assets'),
      'wait-lock': flag.waitLock('For a change'),
      'db-url': flag.text('Database URL'),
    })
    .example('$0 settings --tz America/New_York --full-rebuild', 'days of New York: every bar and EMA is rebuilt');
type SettingsFlags = FlagsOf<typeof options>;

/** `ta settings`: shows or changes the settings that all bars and EMAs of this database are computed with. */
export function settingsCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'settings',
    describe: 'Show the time zone and EMA periods of the database, or change them and rebuild everything',
    builder: options,
    handler: async (flags) => {
      const isChange = flags.tz !== undefined || flags.periods !== undefined;
      if (!isChange && flags.fullRebuild) {
        throw new CliError('CLI_NO_TARGET', '--full-rebuild: no setting to change is given', {
          hint: 'Name --tz or --periods; to rebuild with the stored settings: ta refresh --all --full-rebuild',
        });
      }
      await (isChange ? change(around, flags) : show(around, flags));
    },
  });
}

async function show(around: Surroundings, { dbUrl, format }: SettingsFlags): Promise<void> {
  const { readPeriods, readSettings } = await import('@ta/state-store');
  const rows = await withReadableDatabase(around, { dbUrl }, ({ database }) =>
    database.transaction(
      async (tx) => {
        const settings = await readSettings(tx);
        const table = await readPeriods(tx);
        return [...settings.values()].map((row) => ({
          name: row.name,
          value: format === 'json' ? row.value : valueText(row, table),
          set_by_run: row.runId,
          set_at: row.setAt,
        }));
      },
      { readOnly: true },
    ),
  );
  around.data(tableText(rows, format));
  if (rows.length === 0) around.warn('[INFO] No settings yet: the first refresh writes them');
}

function valueText({ name, value }: SettingRow, table: readonly number[]): string {
  if (name === 'zone') return String(value);
  if (name === 'periods') return value === 'lut' ? `lut (${table.join(',')})` : String(value);
  return Object.entries(value as Record<string, Record<string, string>>)
    .map(([family, timeframes]) => `${family}: ${Object.keys(timeframes).join(',')}`)
    .join('\n');
}

/** A change requires a full rebuild. Without `--full-rebuild` the command refuses, and prints what would change. */
async function change(around: Surroundings, flags: SettingsFlags): Promise<void> {
  const { runRefresh } = await import('../run-refresh.ts');
  const refreshFlags: RefreshFlags = {
    ...flags,
    ...{ continueOnError: true, allowUnknownIds: false, skipStaleCheck: true },
    ...{ alerts: true, distribute: false, dryRun: false },
  };
  await runRefresh(around, refreshFlags, {
    command: 'refresh',
    title: 'DAILY REFRESH SUMMARY',
    noun: 'component',
    components: ['bars', 'emas'],
  });
}
