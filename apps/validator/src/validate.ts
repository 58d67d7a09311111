import { EXIT, formatIds, isDayText, unknownIds, type IdSelection, type Surroundings } from '@ta/cli-kit';
import { readDayOpenings } from '@ta/pipeline';
import { readAssets, type Database } from '@ta/state-store';
import {
  KeptFindings,
  runChecks,
  saveResults,
  validationEvent,
  ValidationPlace,
  validationRequest,
  type Finding,
  type ValidationExtras,
  type ValidationObserver,
  type ValidationRequest,
  type ValidationResult,
} from '@ta/validation';
import { sendAlert } from './alert.ts';
import { checkChoice, instantsOf, type SelectionFlags } from './check-flags.ts';
import { withDatabase } from './readable-database.ts';

/** Findings kept for `--save`; more are counted in the row of their check. */
const MOST_SAVED = 10_000;
/** Findings kept per check for the alert. */
const MOST_ALERTED = 20;

/** Where a command sends the findings and results of a running validation. */
export interface ValidationSink extends ValidationObserver, Pick<ValidationExtras, 'afterChecks'> {
  /** Writes what is left. */
  finish(result: ValidationResult, database: Database): void;
  /** Closes files, whether the validation succeeded or not. */
  close?(): void;
}

/**
 * Validates as the flags say: opens the database, runs the checks with the sink, saves results and sends an alert if asked to,
 * and sets the exit code of the process.
 *
 * @param open makes the sink once the request is known to be valid
 */
export async function validate(
  around: Surroundings,
  flags: SelectionFlags,
  open: (request: ValidationRequest) => ValidationSink,
): Promise<void> {
  const choice = checkChoice(around, flags);
  const { concurrency } = choice.request;
  await withDatabase(around, { dbUrl: flags.dbUrl, poolSize: concurrency + 1 }, async (database) => {
    const request = validationRequest({
      ...choice.request,
      ...(await zonedInstants(around, database, flags)),
      ids: await selectedIds(around, database, choice.ids),
    });
    const sink = open(request);
    const saved: Finding[] = [];
    const alerted = new KeptFindings(MOST_ALERTED);
    const place = new ValidationPlace();
    const observer: ValidationObserver = {
      checkStarted(check) {
        place.checkStarted(check);
        sink.checkStarted?.(check);
      },
      assetsDone(table, done, total) {
        place.assetsDone(table, done, total);
        around.look();
      },
      finding(finding) {
        sink.finding?.(finding);
        alerted.add(finding);
        if (flags.save && saved.length < MOST_SAVED) saved.push(finding);
      },
      checkFinished: (outcome) => sink.checkFinished?.(outcome),
    };
    let result: ValidationResult;
    let runId: string;
    try {
      const extras = { afterChecks: sink.afterChecks };
      result = await around.during(
        () => place.text,
        () => runChecks(database, request, observer, around.monotonic, extras),
      );
      runId = `validation-${new Date(around.now()).toISOString()}`;
      try {
        sink.finish(result, database);
      } finally {
        // the alert is sent even if the report cannot be written or the results cannot be kept
        if (flags.alert) await sendAlert(around, database, validationEvent(result, alerted, runId));
      }
    } finally {
      sink.close?.();
    }
    if (flags.save) {
      const rows = await saveResults(database, runId, result, saved, around.redact);
      around.warn(`[INFO] ${rows} rows kept in ops_validation_results as ${runId}`);
    }
    if (!result.isPassed) process.exitCode = EXIT.failed;
  });
}

/** The times of the flags if one of them is a bare date, which is a day in the zone of the database; otherwise nothing. */
async function zonedInstants(around: Surroundings, database: Database, flags: SelectionFlags) {
  const isAnyDay = [flags.since, flags.until, flags.asOf].some((text) => text !== undefined && isDayText(text));
  return isAnyDay ? instantsOf(around, flags, (await database.session(readDayOpenings)).openingOf) : {};
}

/** Null for all; the ids of a list must be in `dim_assets` (docs/operations.md#commands). */
async function selectedIds(
  around: Surroundings,
  database: Database,
  selection: IdSelection,
): Promise<readonly number[] | null> {
  if (selection.kind === 'all') return null;
  if (selection.duplicates.length > 0) around.warn(`[INFO] Duplicate ids ignored: ${formatIds(selection.duplicates)}`);
  const known = new Set((await database.session((session) => readAssets(session))).map(({ id }) => id));
  const unknown = selection.ids.filter((id) => !known.has(id));
  if (unknown.length === 0) return selection.ids;
  throw unknownIds(
    unknown,
    'Add the asset to dim_assets (ta import csv does). Rows of unknown ids are found with --ids all.',
  );
}
