import {
  assertOwnedWords,
  assertWhole,
  CliError,
  commandOf,
  flag,
  type Argv,
  type CommandModule,
  type FlagsOf,
  type OwnedWords,
  type Surroundings,
} from '@ta/cli-kit';
import { withReadableDatabase } from '../readable-database.ts';
import { formatOption, tableText } from '../report/table.ts';

/** How many runs are listed. */
const LIMIT = 20;

const options = (yargs: Argv) =>
  formatOption(yargs)
    .positional(
      'action',
      flag.oneOf(['list', 'show'], 'The newest runs, or one run with its items', { demandOption: true }),
    )
    .positional('run-id', flag.text('Run to show; default: the newest'))
    .options({
      limit: flag.number(`How many runs to list  [default: ${LIMIT}]`),
      'db-url': flag.text('Database URL'),
    });
type RunsFlags = FlagsOf<typeof options>;

const OWNED: OwnedWords = { 'run-id': ['show'], '--limit': ['list'] };

/** `ta runs list|show`: what was run, when, and how it ended. */
export function runsCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'runs <action> [run-id]',
    describe: 'Show past runs',
    builder: options,
    handler: async (flags) => {
      assertOwnedWords('ta runs', flags.action, flags, OWNED);
      await (flags.action === 'list' ? listRuns(around, flags) : showRun(around, flags));
    },
  });
}

async function listRuns(around: Surroundings, flags: RunsFlags): Promise<void> {
  assertWhole('limit', flags.limit, 1);
  const store = await import('@ta/state-store');
  const runs = await withReadableDatabase(around, flags, ({ database }) =>
    database.session((session) => store.listRuns(session, flags.limit ?? LIMIT)),
  );
  const rows = runs.map((run) => ({
    run_id: run.runId,
    command: run.command,
    status: run.status,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    exit_code: run.exitCode,
  }));
  around.data(tableText(rows, flags.format));
}

async function showRun(around: Surroundings, flags: RunsFlags): Promise<void> {
  const store = await import('@ta/state-store');
  const shown = await withReadableDatabase(around, flags, ({ database }) =>
    database.session(async (session) => {
      const runId = flags.runId ?? (await store.readLatestRun(session))?.runId;
      return runId === undefined ? null : store.showRun(session, runId);
    }),
  );
  if (shown === null) {
    throw new CliError(
      'CLI_NO_RUN',
      flags.runId === undefined ? 'There are no runs yet' : `There is no run "${flags.runId}"`,
      {
        hint: 'See: ta runs list',
      },
    );
  }
  const { run, items } = shown;
  if (flags.format === 'json') {
    around.data(JSON.stringify({ run, items }, null, 2));
    return;
  }
  if (flags.format === 'table') {
    around.print(`Run ${run.runId}: ${run.command}, ${run.status}, exit code ${run.exitCode ?? '-'}`);
    around.print(`Started ${run.startedAt.toISOString()}, finished ${run.finishedAt?.toISOString() ?? '-'}`);
  }
  const rows = items.map((item) => ({
    component: item.component,
    step: item.step,
    id: item.id,
    status: item.status,
    read: item.rowsRead,
    written: item.rowsWritten,
    rejected: item.rejected,
    error: item.error,
  }));
  around.data(tableText(rows, flags.format));
}
