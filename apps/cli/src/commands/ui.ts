import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import {
  assertDatabaseFolder,
  assertNumber,
  CliError,
  EXIT,
  parseInstantFlag,
  type Surroundings,
  type Argv,
  type CommandModule,
} from '@ta/cli-kit';
import { STALENESS_HOURS } from '@ta/pipeline/staleness-hours';
import { beforeWork } from '../before-work.ts';

interface UiFlags {
  host: string;
  port: number;
  asOf?: string;
  stalenessHours: number;
  dbUrl?: string;
}

/** How long a request waits for a refresh to let go of an embedded database. */
const WAIT_MS = 2_000;

/** `ta ui`: the chart page on this machine, until it is interrupted. */
export function uiCommand(around: Surroundings): CommandModule {
  return {
    command: 'ui',
    describe: 'Serve the chart page: bars with EMAs, freshness, runs and findings (reads only)',
    builder: (yargs: Argv) =>
      yargs
        .option('host', {
          type: 'string',
          default: '127.0.0.1',
          describe: 'Address to listen on; other than loopback requires TA_UI_TOKEN',
        })
        .option('port', { type: 'number', default: 4180, describe: 'Port; 0 takes a free one' })
        .option('as-of', { type: 'string', describe: 'Judge freshness as of this instant instead of now' })
        .option('staleness-hours', {
          type: 'number',
          default: STALENESS_HOURS,
          describe: 'Age in hours above which daily bars are stale',
        })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: (args) => serveUi(around, args as unknown as UiFlags),
  };
}

async function serveUi(around: Surroundings, flags: UiFlags): Promise<void> {
  assertNumber('port', flags.port, (n) => Number.isInteger(n) && n >= 0 && n <= 65_535, 'a port from 0 to 65535');
  assertNumber('staleness-hours', flags.stalenessHours, (n) => Number.isFinite(n) && n > 0, 'hours above 0');
  const asOfMs = flags.asOf === undefined ? null : parseInstantFlag('as-of', flags.asOf, 'end');
  const { describeTarget, openForReading, resolveDatabaseTarget } = await import('@ta/state-store');
  const { DashboardError, EMBEDDED_TERMS, leaseDatabase, serveDashboard } = await import('@ta/dashboard-server');
  const target = resolveDatabaseTarget({ dbUrl: flags.dbUrl, env: around.env, workspaceRoot: around.root });
  if (target.engine === 'pglite') {
    assertDatabaseFolder(target.dir);
    // PGlite's code compiled a second time, for speed, takes 50 MB; the queries of a chart gain nothing by it
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
    await interruption();
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
