import { failureLines, type Surroundings } from '@ta/cli-kit';
import type { ImportProgress, ImportReport, NamedAsset, PriceFile, PriceSink, StoredPrices } from '@ta/price-import';
import type { AssetRow, Session } from '@ta/state-store';
import { withReadableDatabase } from '../readable-database.ts';
import type { LoggedDatabase } from '../command-log.ts';
import { listenForInterruption, type Interruption } from '../interruption.ts';
import { importProgress } from '../report/progress.ts';
import { profileChoices } from './import-profiles.ts';
import { fileLines, summaryLines, type FileEnd } from './import-report.ts';
import type { ImportFlags, ImportSettings } from './import-settings.ts';

/**
 * Reads files without writing anything, and compares them with the stored prices if there is a database.
 * @returns false when one of the files would not be imported
 */
export async function checkFiles(
  around: Surroundings,
  flags: ImportFlags,
  given: ImportSettings,
  files: readonly PriceFile[],
): Promise<boolean> {
  const needsDatabase = flags.profile !== undefined || (flags.idFrom !== undefined && !flags.idFrom.includes('{id}'));
  let isOpen = false;
  try {
    return await withReadableDatabase(around, flags, ({ database }) => {
      isOpen = true;
      return database.transaction((tx) => checkAgainst(around, flags, given, files, tx), { readOnly: true });
    });
  } catch (error) {
    if (isOpen || needsDatabase) throw error;
    const [why = ''] = failureLines(error, false).lines;
    around.warn(`[INFO] Not compared with what is stored: ${why.replace(/^\[ERROR\] /, '')}`);
  }
  return checkEach(new ImportRun(around, { flags, settings: given, assets: [], fileCount: files.length }), files);
}

async function checkAgainst(
  around: Surroundings,
  flags: ImportFlags,
  given: ImportSettings,
  files: readonly PriceFile[],
  tx: Session,
): Promise<boolean> {
  const { priceSink } = await import('../price-sink.ts');
  const { settings, assets } = await knownToDatabase(tx, flags, given);
  return checkEach(new ImportRun(around, { flags, settings, assets, fileCount: files.length }), files, priceSink(tx));
}

async function checkEach(run: ImportRun, files: readonly PriceFile[], stored?: StoredPrices): Promise<boolean> {
  for (const file of files) await run.take(file, (one) => one(undefined), stored);
  return run.end();
}

/** Imports files, each in a transaction of its own. @returns false when one of them was not imported */
export async function importFiles(
  surroundings: Surroundings,
  flags: ImportFlags,
  given: ImportSettings,
  files: readonly PriceFile[],
): Promise<boolean> {
  const facts = { files: flags.files, id: flags.id };
  const { withLoggedDatabase } = await import('../command-log.ts');
  const interruption = listenForInterruption(surroundings.warn);
  const { signal } = interruption;
  try {
    const command = { flags, command: 'import csv', facts, signal, makesDatabase: true } as const;
    return await withLoggedDatabase(surroundings, command, (open) =>
      importInto(open, { flags, given, files, interruption }),
    );
  } catch (error) {
    throw interruption.asExit(error);
  } finally {
    interruption.dispose();
  }
}

/** The files to import, and the signal that stops the import. */
interface ImportJob {
  readonly flags: ImportFlags;
  readonly given: ImportSettings;
  readonly files: readonly PriceFile[];
  readonly interruption: Interruption;
}

async function importInto(
  { around, database, assertExclusive }: LoggedDatabase,
  { flags, given, files, interruption }: ImportJob,
): Promise<boolean> {
  const { priceSink } = await import('../price-sink.ts');
  const { settings, assets, storedZone } = await database.transaction((tx) => knownToDatabase(tx, flags, given));
  warnOfAnotherZone(around, settings.zone, storedZone);
  const run = new ImportRun(around, { flags, settings, assets, fileCount: files.length, signal: interruption.signal });
  try {
    for (const file of files) {
      await run.take(file, (one) =>
        database.transaction(async (tx) => {
          const report = await one(priceSink(tx));
          await assertExclusive();
          return report;
        }),
      );
    }
  } catch (error) {
    run.endEarly(interruption.signal.aborted);
    throw error;
  }
  return run.end();
}

/** Saves a new profile, and reads from the database: a saved profile, the zone, and the assets that file names may refer to. */
async function knownToDatabase(tx: Session, flags: ImportFlags, settings: ImportSettings) {
  const { readAssets, readSettings, saveImportProfile } = await import('@ta/state-store');
  const { columns, dateOrder, decimal } = settings.choices;
  if (flags.saveProfile !== undefined && columns !== undefined) {
    const kept = { profile: flags.saveProfile, columns, dateOrder: dateOrder ?? null, decimalSign: decimal ?? null };
    await saveImportProfile(tx, kept);
  }
  const choices =
    flags.profile === undefined ? settings.choices : await profileChoices(tx, flags.profile, settings.choices);
  const storedZone = (await readSettings(tx)).get('zone')?.value as string | undefined;
  const zone = flags.tz === undefined ? (storedZone ?? settings.zone) : settings.zone;
  return {
    settings: { ...settings, choices, zone },
    storedZone,
    assets: flags.idFrom === undefined ? [] : await readAssets(tx),
  };
}

/**
 * Warns when the dates of a file are read in another zone than that of the database: a row may then belong to another day of the bars.
 *
 * @param storedZone the zone of the database; undefined before its first refresh, which takes UTC unless another is given
 */
function warnOfAnotherZone(around: Pick<Surroundings, 'warn'>, zone: string, storedZone: string | undefined): void {
  if (zone === (storedZone ?? 'UTC')) return;
  const what = `Dates of these files are days of ${zone}, bars of this database are days of ${storedZone ?? 'UTC'}`;
  const way =
    storedZone === undefined
      ? `unless its first refresh says otherwise: ta refresh --all --tz ${zone}`
      : `to change that: ta refresh --all --tz ${zone} --full-rebuild`;
  around.warn(`[WARNING] ${what}, ${way}. Where days differ, a price can fall on the day before or after`);
}

/** How the files of one command are read. */
interface ImportPlan {
  readonly flags: ImportFlags;
  readonly settings: ImportSettings;
  readonly assets: readonly AssetRow[];
  readonly fileCount: number;
  readonly signal?: AbortSignal;
}

/** The files of one command, one after the other. */
class ImportRun {
  readonly #around: Surroundings;
  readonly #plan: ImportPlan;
  readonly #ends: FileEnd[] = [];
  /** Ids whose stored rows `--replace-asset` has already deleted: further files of the same asset add to the new rows. */
  readonly #replaced = new Set<number>();

  constructor(around: Surroundings, plan: ImportPlan) {
    this.#around = around;
    this.#plan = plan;
  }

  /**
   * Imports one file. If it is one of several and cannot be used, that is reported and the others are still imported; a failure of
   * the database ends the import.
   *
   * @param within provides the sink for the rows of the file, and commits them
   * @param stored the stored prices that a file is compared with when it is only checked
   */
  async take(
    file: PriceFile,
    within: (one: (sink: PriceSink | undefined) => Promise<ImportReport>) => Promise<ImportReport>,
    stored?: StoredPrices,
  ): Promise<void> {
    this.#plan.signal?.throwIfAborted();
    const { ImportError } = await import('@ta/price-import');
    try {
      const id = idOf(this.#plan.settings.assetOf(file.name), this.#plan.assets, ImportError);
      const report = await within((sink) => this.#import(file, id, sink, stored));
      if (report.outcome === 'imported') this.#replaced.add(id);
      await this.#say({ file: file.name, report });
    } catch (error) {
      if (!(error instanceof ImportError) || this.#plan.fileCount === 1) throw error;
      await this.#say({ file: file.name, problem: failureLines(error, false).lines });
    }
  }

  /** Prints the summary of all files. @returns whether every file was imported or passed the check */
  end(): boolean {
    for (const line of summaryLines(this.#ends, this.#plan.fileCount)) this.#around.print(line);
    return this.#ends.every(({ report }) => report !== undefined && report.outcome !== 'refused');
  }

  /** Prints what was stored before the command ended early. */
  endEarly(isInterrupted: boolean): void {
    if (this.#plan.fileCount === 1 && !isInterrupted) return; // the error message follows
    const stored = this.#ends.filter(({ report }) => report?.outcome === 'imported').length;
    const left = this.#plan.fileCount - this.#ends.length;
    const rest = left === 0 ? '' : `; of the other ${left} nothing is stored`;
    const what = isInterrupted ? 'Interrupted' : 'Ended early';
    this.#around.warn(`[WARNING] ${what}: ${stored} of ${this.#plan.fileCount} files are stored${rest}. Run it again:`);
    this.#around.warn('  files that are stored already change nothing.');
  }

  async #import(
    file: PriceFile,
    id: number,
    sink: PriceSink | undefined,
    stored: StoredPrices | undefined,
  ): Promise<ImportReport> {
    const { importPrices } = await import('@ta/price-import');
    const { name, strict, keepPartial, replaceAsset, allowFuture } = this.#plan.flags;
    const { zone, choices } = this.#plan.settings;
    const label =
      this.#plan.fileCount === 1 ? file.name : `${this.#ends.length + 1}/${this.#plan.fileCount} ${file.name}`;
    const bar = await importProgress(this.#around, label);
    let lines = 0;
    const request = {
      ...{ ...choices, id, name, strict, keepPartial, zone, sink, stored, signal: this.#plan.signal },
      replaceAsset: replaceAsset && !this.#replaced.has(id),
      nowMs: allowFuture ? undefined : this.#around.now(),
      onProgress: (progress: ImportProgress) => {
        lines = progress.linesRead;
        bar?.update(progress);
        this.#around.look();
      },
    };
    const at = () => (bar === null ? `${label}, ${lines} lines read` : null);
    return this.#around.during(at, () => importPrices(file, request)).finally(() => bar?.stop());
  }

  async #say(end: FileEnd): Promise<void> {
    this.#ends.push(end);
    for (const line of await fileLines(end, this.#plan.fileCount === 1)) this.#around.print(line);
  }
}

/** The id of the asset that a file name refers to. */
function idOf(
  named: NamedAsset,
  assets: readonly AssetRow[],
  ImportError: typeof import('@ta/price-import').ImportError,
): number {
  if ('id' in named) return named.id;
  const [kind, text] = 'symbol' in named ? (['symbol', named.symbol] as const) : (['name', named.name] as const);
  const found = assets.filter((asset) => asset[kind]?.toLowerCase() === text.toLowerCase());
  if (found.length === 1) return found[0].id;
  const many = found.length > 1 ? `${found.length} assets have` : 'no asset has';
  throw new ImportError('IMPORT_ASSET_UNKNOWN', `${many} the ${kind} "${text}"`, {
    hint: 'Import the file alone with --id; ta assets list shows what there is.',
    context: { [kind]: text },
  });
}
