import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { CliError, EXIT, formatIds, type IdSelection, type Surroundings } from '@ta/cli-kit';
import { readAssets, type Database } from '@ta/state-store';
import {
  CHECKS,
  checkById,
  csvReport,
  jsonReport,
  junitReport,
  runChecks,
  saveResults,
  sumsLine,
  tableReport,
  type Finding,
  type Report,
  type ValidationRequest,
  type ValidationResult,
  type Write,
} from '@ta/validation';
import { checkChoice, checkOptions, type CheckFlags } from '../check-flags.ts';
import { withDatabase } from '../readable-database.ts';

/** Findings kept for `--save`; more are counted in the row of their check. */
const MOST_SAVED = 10_000;

/** `validator check`: runs the checks and says by its exit code whether they passed (operations.md 5). */
export function checkCommand(around: Surroundings): CommandModule {
  return {
    command: 'check',
    describe: 'Check every stored bar and EMA; reads only',
    builder: (yargs: Argv) => checkOptions(yargs),
    handler: async (args) => {
      const flags = args as unknown as CheckFlags;
      if (flags.explain !== undefined) around.write(explanation(flags.explain));
      else if (flags.list) around.write(list());
      else await check(around, flags);
    },
  };
}

/** Validates as the flags say, writes the report, and sets the exit code of the process. */
export async function check(around: Surroundings, flags: CheckFlags): Promise<void> {
  const choice = checkChoice(around, flags);
  const { concurrency } = choice.request;
  await withDatabase(around, { dbUrl: flags.dbUrl, poolSize: concurrency + 1 }, async (database) => {
    const request = { ...choice.request, ids: await selectedIds(around, database, choice.ids) };
    const { write, close } = openOutput(around, flags.out);
    const saved: Finding[] = [];
    let result: ValidationResult;
    try {
      const report = reportOf(flags, request, write);
      result = await runChecks(
        database,
        request,
        {
          finding(finding) {
            report.finding(finding);
            if (flags.save && saved.length < MOST_SAVED) saved.push(finding);
          },
          checkFinished: (outcome) => report.checkFinished(outcome),
        },
        around.monotonic,
      );
      report.finish(result);
    } finally {
      close();
    }
    if (flags.out !== undefined) {
      around.print(sumsLine(result));
      around.print(result.isPassed ? '[OK] Validation passed' : '[FAILED] Validation failed');
    }
    if (flags.save) {
      const runId = `validation-${new Date(around.now()).toISOString()}`;
      around.warn(
        `[INFO] ${await saveResults(database, runId, result, saved)} rows kept in ops_validation_results as ${runId}`,
      );
    }
    if (!result.isPassed) process.exitCode = EXIT.failed;
  });
}

function reportOf(flags: CheckFlags, request: ValidationRequest, write: Write): Report {
  if (flags.format === 'json') return jsonReport(write, request);
  if (flags.format === 'csv') return csvReport(write);
  if (flags.format === 'junit') return junitReport(write);
  return tableReport(write, { limit: flags.limit });
}

/** Where the report goes: stdout, or a file that is written while the checks run. */
function openOutput(around: Surroundings, out: string | undefined): { write: Write; close: () => void } {
  if (out === undefined) return { write: (text) => around.write(text), close: () => undefined };
  let file: number;
  try {
    file = openSync(path.resolve(around.root, out), 'w');
  } catch (cause) {
    throw new CliError(
      'CLI_CANNOT_WRITE',
      `--out: cannot write ${out}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'Name a file in a folder that exists.',
        cause,
      },
    );
  }
  return { write: (text) => void writeSync(file, around.redact(text)), close: () => closeSync(file) };
}

/** Null for all; the ids of a list must be in `dim_assets` (operations.md 1.4 rule 5). */
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
  throw new CliError('CLI_UNKNOWN_IDS', `Unknown asset ids: ${formatIds(unknown)} (not in dim_assets)`, {
    hint: 'Add the asset to dim_assets (ta import csv does). Rows of unknown ids are found with --ids all.',
  });
}

function list(): string {
  const rows = CHECKS.map(
    ({ id, name, severity, kind }) => `${id}  ${name.padEnd(20)} ${severity.padEnd(8)} ${kind}\n`,
  );
  return `check  name                 severity kind\n${rows.map((row) => row.replace('  ', '    ')).join('')}`;
}

function explanation(id: string): string {
  const { name, severity, kind, columns, explanation: text, whatToDo, scope, id: known } = checkById(id);
  return [
    `${known} ${name} (${scope}, ${severity}, ${kind})`,
    '',
    text,
    '',
    `Columns of its findings: ${columns.join(', ')}`,
    `What to do: ${whatToDo}`,
    '',
  ].join('\n');
}
