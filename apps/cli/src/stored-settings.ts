import { CliError, type Surroundings } from '@ta/cli-kit';
import type { SettingConflict, SettingsWish, SettledSettings } from '@ta/pipeline';
import type { OpenDatabase } from './database-access.ts';

const FLAG = { zone: '--tz', periods: '--periods' } as const;

/**
 * The settings that a run goes by, stored for all later ones.
 *
 * @throws CliError `CLI_SETTING_DIFFERS` when a flag says otherwise than the database
 */
export async function settingsFor(
  around: Pick<Surroundings, 'warn' | 'now'>,
  open: Pick<OpenDatabase, 'database' | 'runId' | 'isReadOnly'>,
  wish: SettingsWish,
): Promise<SettledSettings> {
  const { keepSettings, settleSettings } = await import('@ta/pipeline');
  const origin = { runId: open.runId, setAt: new Date(around.now()) };
  const settled = await open.database.transaction(
    async (tx) => {
      // shards begin side by side: the later one sees what the first one has stored
      if (open.isReadOnly !== true) await tx.run('LOCK TABLE ops_settings IN SHARE ROW EXCLUSIVE MODE');
      const found = await settleSettings(tx, wish);
      if (found.conflicts.length === 0 && open.isReadOnly !== true) await keepSettings(tx, found, origin);
      return found;
    },
    { readOnly: open.isReadOnly === true },
  );
  if (settled.conflicts.length > 0) throw differs(settled.conflicts);
  if (settled.catalogueChanges.length > 0) {
    const changes = settled.catalogueChanges.join(', ');
    around.warn(
      `[WARNING] The timeframe catalogue has changed since the last run: ${changes}; affected bars and EMAs are rebuilt`,
    );
  }
  return settled;
}

function differs(conflicts: readonly SettingConflict[]): CliError {
  const text = conflicts
    .map(({ name, stored, wished }) =>
      wished === null
        ? `The assets of this database were built with more than one ${name}: ${stored}`
        : `${FLAG[name]}: ${wished} is not the ${name} of this database: ${stored}`,
    )
    .join('; ');
  const flags = conflicts.map(({ name, wished }) => `${FLAG[name]} ${wished ?? 'NAME'}`).join(' ');
  const isChoice = conflicts.every(({ wished }) => wished !== null);
  return new CliError('CLI_SETTING_DIFFERS', text, {
    hint: `${isChoice ? 'Leave the flag out, or rebuild' : 'Rebuild'} all ids: ta refresh --all ${flags} --full-rebuild`,
  });
}
