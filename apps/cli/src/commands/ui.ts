import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import {
  assertDatabaseFolder,
  assertNumber,
  beforeWork,
  CliError,
  commandOf,
  EXIT,
  flag,
  stalenessHoursFlag,
  parseInstantFlag,
  type Argv,
  type CommandModule,
  type FlagsOf,
  type Surroundings,
} from '@ta/cli-kit';
import { DEFAULT_STALENESS_HOURS } from '@ta/pipeline/default-staleness-hours';

/** How long a request waits for a refresh to release an embedded database. */
const WAIT_MS = 2_000;

const options = (yargs: Argv) =>
  yargs.options({
    host: flag.text('Address to listen on; one that other machines can reach requires TA_UI_TOKEN', {
      default: '127.0.0.1',
    }),
    port: flag.number('Port; 0: any free port', { default: 4180 }),
    'as-of': flag.text('Judge freshness as of this instant instead of now'),
    'staleness-hours': stalenessHoursFlag({ default: DEFAULT_STALENESS_HOURS }),
    'db-url': flag.text('Database URL'),
  });
type UiFlags = FlagsOf<typeof options>;

/** `ta ui`: the chart page on this machine, until it is interrupted. */
export function uiCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'ui',
    describe: 'Serve the chart page: bars with EMAs, freshness, runs and findings (read-only)',
    builder: options,
    handler: (flags) => serveUi(around, flags),
  });
}

async function serveUi(around: Surroundings, flags: UiFlags): Promise<void> {
  assertNumber('port', flags.port, (n) => Number.isInteger(n) && n >= 0 && n <= 65_535, 'a port from 0 to 65535');
  const asOfMs = flags.asOf === undefined ? null : parseInstantFlag('as-of', flags.asOf, 'end');
  const { describeTarget, openForReading, resolveDatabaseTarget } = await import('@ta/state-store');
  const { DashboardError, EMBEDDED_TERMS, leaseDatabase, serveDashboard } = await import('@ta/dashboard-server');
  const target = resolveDatabaseTarget({ dbUrl: flags.dbUrl, env: around.env, workspaceRoot: around.root });
  if (target.engine === 'pglite') {
    assertDatabaseFolder(target.dir);
    // optimized code of PGlite takes 50 MB and does not make the queries of a chart faster
    for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
  }
  const hold = {
    ...{ runId: `ui-${around.pid}`, command: 'ui', waitMs: WAIT_MS, yields: true },
    ...{ applicationName: 'ta ui', readsOnly: true },
  };
  const terms = target.engine === 'pglite' ? EMBEDDED_TERMS : null;
  try {
    const serving = serveDashboard({
      access: leaseDatabase(() => openForReading(target, { ...hold, nowMs: around.now() }), terms),
      target: describeTarget(target),
      pageDir: fileURLToPath(new URL('../../../dashboard/dist/', import.meta.url)),
      host: flags.host,
      port: flags.port,
      token: around.env['TA_UI_TOKEN']?.trim() || null,
      now: () => asOfMs ?? around.now(),
      maxAgeHours: flags.stalenessHours,
    });
    const served = await beforeWork(serving);
    around.print(`Chart page: ${served.url}`);
    around.warn(`Database: ${describeTarget(target)}. Press Ctrl+C to stop.`);
    await around.during(null, interruption);
    await served.close();
  } catch (error) {
    if (!(error instanceof DashboardError)) throw error;
    throw new CliError('CLI_UI', error.message, { exitCode: EXIT.usage, hint: error.hint, cause: error });
  }
}

function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
