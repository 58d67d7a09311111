import { CliError, type Surroundings } from '@ta/cli-kit';
import type { SettingConflict, SettingsWish, SettledSettings } from '@ta/pipeline';
import type { OpenDatabase } from './writable-database.ts';

const FLAG = { zone: '--tz', periods: '--periods' } as const;

/**
 * The settings of a run, which are stored for all later runs.
 *
 * @throws CliError `CLI_SETTING_DIFFERS` when a flag differs from the database
 */
export async function settingsFor(
  around: Pick<Surroundings, 'warn' | 'now'>,
  open: Pick<OpenDatabase, 'database' | 'runId' | 'isReadOnly'>,
  wish: SettingsWish,
): Promise<SettledSettings> {
  const [{ settleSettings }, { saveSettings }] = await Promise.all([import('@ta/pipeline'), import('@ta/state-store')]);
  const origin = { runId: open.runId, setAt: new Date(around.now()) };
  const settled = await open.database.transaction(
    async (tx) => {
      // shards start at the same time: the later one reads what the first one has stored
      if (open.isReadOnly !== true) await tx.run('LOCK TABLE ops_settings IN SHARE ROW EXCLUSIVE MODE');
      const found = await settleSettings(tx, wish);
      if (found.conflicts.length === 0 && open.isReadOnly !== true) await saveSettings(tx, found.writes, origin);
      return found;
    },
    { readOnly: open.isReadOnly === true },
  );
  if (settled.conflicts.length > 0) throw differs(settled.conflicts);
  if (settled.catalogueChanges.length > 0) {
    const { catalogueChanges } = settled;
    const changes = catalogueChanges.join(', ');
    const isLess = catalogueChanges.some((change) => change.startsWith('-'));
    const kept = isLess ? '; rows of timeframes that are no longer built stay as they are, until you delete them' : '';
    around.warn(
      `[WARNING] The timeframe catalogue has changed since the last run: ${changes}; affected bars and EMAs are rebuilt${kept}`,
    );
  }
  if (settled.leftIds.length > 0) around.warn(`[WARNING] ${leftText(settled.leftIds)}`);
  return settled;
}

/** Ids that a warning names. */
const NAMED = 10;

function leftText(ids: readonly number[]): string {
  const named = ids.slice(0, NAMED).join(',');
  const more = ids.length > NAMED ? `, and ${ids.length - NAMED} more` : '';
  const who =
    ids.length === 1 ? `Asset ${named} is inactive and keeps` : `Assets ${named}${more} are inactive and keep`;
  return `${who} the bars and EMAs of the former settings, which validator check reports; to build them again: ta refresh --all --ids ${named} --skip-stale-check`;
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
