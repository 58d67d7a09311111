import { CliError, nearestName, type Surroundings } from '@ta/cli-kit';
import type { ReadingChoices } from '@ta/price-import';
import type { ImportProfile, Session } from '@ta/state-store';
import { withReadableDatabase } from '../readable-database.ts';
import { withWritableDatabase } from '../writable-database.ts';
import { tableText } from '../report/table.ts';

/** `ta import profiles list|remove NAME`. */
export async function runProfiles(around: Surroundings, words: readonly string[], dbUrl?: string): Promise<void> {
  const [verb, name, ...more] = words;
  if (verb === 'list' && name === undefined) return listProfiles(around, dbUrl);
  if (verb === 'remove' && name !== undefined && more.length === 0) return removeProfile(around, name, dbUrl);
  throw new CliError('CLI_USAGE', `import profiles: expected "list" or "remove NAME", got "${words.join(' ')}"`, {
    hint: 'Example: ta import profiles list',
  });
}

async function listProfiles(around: Surroundings, dbUrl: string | undefined): Promise<void> {
  const { readImportProfiles } = await import('@ta/state-store');
  const profiles = await withReadableDatabase(around, { dbUrl }, ({ database }) =>
    database.transaction((tx) => readImportProfiles(tx), { readOnly: true }),
  );
  const rows = profiles.map(({ profile, columns, dateOrder, decimalSign }) => ({
    profile,
    columns: Object.entries(columns)
      .map(([target, column]) => `${target}=${column}`)
      .join(','),
    date_order: dateOrder,
    decimal: decimalSign,
  }));
  around.print(tableText(rows, 'table'));
}

async function removeProfile(around: Surroundings, name: string, dbUrl: string | undefined): Promise<void> {
  const { removeImportProfile, readImportProfiles } = await import('@ta/state-store');
  await withWritableDatabase(around, { dbUrl, command: 'import profiles' }, ({ database }) =>
    database.transaction(async (tx) => {
      if (!(await removeImportProfile(tx, name))) throw unknownProfile(name, await readImportProfiles(tx));
    }),
  );
  around.print(`[OK] Profile "${name}" removed`);
}

/** The reading choices of a saved profile; flags of the command line override them. */
export async function profileChoices(tx: Session, name: string, given: ReadingChoices): Promise<ReadingChoices> {
  const { readImportProfiles } = await import('@ta/state-store');
  const profiles = await readImportProfiles(tx);
  const found = profiles.find(({ profile }) => profile === name);
  if (found === undefined) throw unknownProfile(name, profiles);
  return {
    ...given,
    columns: found.columns,
    dateOrder: given.dateOrder ?? found.dateOrder ?? undefined,
    decimal: given.decimal ?? found.decimalSign ?? undefined,
  };
}

function unknownProfile(name: string, profiles: readonly ImportProfile[]): CliError {
  const names = profiles.map(({ profile }) => profile);
  const near = nearestName(name, names);
  const known =
    names.length === 0
      ? 'No profile is saved yet: --columns … --save-profile NAME saves one.'
      : `Saved profiles: ${names.join(', ')}`;
  return new CliError('CLI_UNKNOWN_PROFILE', `There is no import profile "${name}"`, {
    hint: near === undefined ? known : `Did you mean "${near}"?`,
  });
}
