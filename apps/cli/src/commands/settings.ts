import { CliError, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import type { SettingRow } from '@ta/state-store';
import { withReadableDatabase } from '../database-access.ts';
import type { RefreshFlags } from '../refresh-flags.ts';
import { logOptions, type LogFlags } from '../run-log.ts';
import { formatOption, tableText, type TableFormat } from '../report/table.ts';

interface SettingsFlags extends LogFlags {
  tz?: string;
  periods?: string | string[];
  fullRebuild: boolean;
  waitLock: number;
  dbUrl?: string;
  format: TableFormat;
}

/** `ta settings`: what the numbers of this database are made with, and the way to change it. */
export function settingsCommand(around: Surroundings): CommandModule {
  return {
    command: 'settings',
    describe: 'Show the settings that decide the numbers, or change them and rebuild everything',
    builder: (yargs: Argv) =>
      logOptions(formatOption(yargs))
        .option('tz', { type: 'string', describe: 'Change the zone that decides civil days' })
        .option('periods', { type: 'string', describe: 'Change the EMA periods: lut or e.g. 10,21,50' })
        .option('full-rebuild', {
          type: 'boolean',
          default: false,
          describe: 'Required for a change: rebuilds all bars and EMAs of all active assets',
        })
        .option('wait-lock', {
          type: 'number',
          default: 0,
          describe: 'Change: seconds to wait for another run to finish',
        })
        .option('db-url', { type: 'string', describe: 'Database' })
        .example('$0 settings --tz America/New_York --full-rebuild', 'other civil days, from the first day on'),
    handler: async (args) => {
      const flags = args as unknown as SettingsFlags;
      const isChange = flags.tz !== undefined || flags.periods !== undefined;
      if (!isChange && flags.fullRebuild) {
        throw new CliError('CLI_NO_TARGET', '--full-rebuild: no setting to change is given', {
          hint: 'Name --tz or --periods; to rebuild with the stored settings: ta refresh --all --full-rebuild',
        });
      }
      await (isChange ? change(around, flags) : show(around, flags));
    },
  };
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

/** A change is a full rebuild of everything; without the flag the run says what it would change, and refuses. */
async function change(around: Surroundings, flags: SettingsFlags): Promise<void> {
  const { runRefresh } = await import('../run-refresh.ts');
  const refreshFlags: RefreshFlags = {
    ...flags,
    ...{ continueOnError: true, lookbackDays: 3, onBackfill: 'rebuild', allowUnknownIds: false, skipStaleCheck: true },
  };
  await runRefresh(around, refreshFlags, {
    command: 'refresh',
    title: 'DAILY REFRESH SUMMARY',
    noun: 'component',
    components: ['bars', 'emas'],
  });
}
