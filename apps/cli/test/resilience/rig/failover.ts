import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type KillMode, type PostgresServer } from '@ta/tools';
import { startCli, type CliEnd } from './cli-process.ts';
import { faultsOf, torn, type Content } from './content.ts';
import { inDatabase, postgresArena, withDatabase, type PostgresArena } from './postgres-arena.ts';
import { runHere } from './run-here.ts';
import { REFRESH, type Scenario, type World } from './small-world.ts';
import { openSwitch } from './switch.ts';

/** Login of the servers of a pair: a copy keeps the one it was made with. */
export const LOGIN = { user: 'ta', password: 'failover' };
/** Written before the run and acknowledged, so the promoted server must have it. */
const ACKNOWLEDGED = 'CREATE TABLE acknowledged AS SELECT 1 AS n';

/** What every pair begins with. */
export interface FailoverGround {
  /** Data directory of a server that was shut down. */
  readonly dataDir: string;
  readonly databases: Readonly<Partial<Record<Scenario, string>>>;
  readonly busySeconds: Readonly<Record<Scenario, number>>;
  readonly undisturbed: Content;
  readonly version: string;
  close(): Promise<void>;
}

/** What came of one failover. */
export interface FailoverResult {
  /** How far the run had come. */
  readonly phase: 'start' | 'bars' | 'emas' | 'done';
  /** Whether the run went on by itself on the promoted server. */
  readonly survived: boolean;
  readonly exitCode: number | null;
  readonly faults: readonly string[];
}

/** Prepares the scenarios on a server and shuts it down. */
export async function failoverGround(scenarios: readonly Scenario[], world: World): Promise<FailoverGround> {
  const server = await startPostgres({ ...LOGIN, settings: { fsync: 'off' } });
  const ground = await groundOf(server, await postgresArena(server.url, scenarios, world), scenarios);
  return { ...ground, close: () => server.stop() };
}

/** Makes a place of each scenario on a server with {@link LOGIN}, and shuts the server down. */
export async function groundOf(
  server: PostgresServer,
  arena: PostgresArena,
  scenarios: readonly Scenario[],
): Promise<Omit<FailoverGround, 'close'>> {
  const databases: Partial<Record<Scenario, string>> = {};
  for (const scenario of scenarios) databases[scenario] = (await arena.place(scenario)).name;
  await dropOthers(server.url, Object.values(databases));
  await server.kill('fast');
  const { dataDir, version } = server;
  return { dataDir, databases, busySeconds: arena.busySeconds, undisturbed: arena.undisturbed, version };
}

/**
 * Refreshes on a server that a hot standby follows with synchronous replication; kills the server at a moment, promotes the
 * standby, and refreshes there until it is done.
 *
 * @param at fraction of the time that an undisturbed run takes
 */
export async function failOver(
  ground: Omit<FailoverGround, 'close'>,
  scenario: Scenario,
  at: number,
  mode: KillMode,
): Promise<FailoverResult> {
  const common = { ...LOGIN, copyOf: ground.dataDir };
  const primary = await startPostgres({ ...common, settings: { fsync: 'off' } });
  const standby = await startPostgres({ ...common, standbyOf: primary.url, settings: { fsync: 'off' } });
  const name = ground.databases[scenario] as string;
  const address = await openSwitch(withDatabase(primary.url, name));
  const env = { DATABASE_URL: address.url };
  const inPromoted = <T>(look: Parameters<typeof inDatabase<T>>[1]) =>
    inDatabase(withDatabase(standby.url, name), look);
  try {
    await followClosely(primary);
    await inDatabase(withDatabase(primary.url, name), (session) => session.run(ACKNOWLEDGED));
    const run = startCli([...REFRESH, '--no-alerts'], env);
    await run.said(/Database: /);
    await sleep(at * ground.busySeconds[scenario] * 1000);
    const phase = phaseOf(run.output());
    await primary.kill(mode);
    await inDatabase(standby.url, (session) => session.query('SELECT pg_promote(true, 60)'));
    address.to(standby.url);
    const end = await run.ended;
    const faults = end.code === 0 || end.code === 1 || end.code === 4 ? [] : [`after the failover: ${told(end)}`];
    faults.push(...(await inPromoted(torn)));
    const again = await runHere([...REFRESH, '--no-alerts'], env);
    if (again.code !== 0) faults.push(`again: ${told(again)}`);
    faults.push(...(await inPromoted((session) => faultsOf(session, ground.undisturbed))));
    const kept = await inPromoted((session) => session.query("SELECT to_regclass('acknowledged') AS name"));
    if (kept[0]?.['name'] === null) faults.push('what was acknowledged before the run is gone');
    const check = await startCli(['check', '--profile', 'full', '--as-of', '2024-06-28'], env, 'validator').ended;
    if (check.code !== 0) faults.push(`validator: ${check.stdout.slice(-1500)}`);
    return { phase, survived: end.code === 0 && phase !== 'done', exitCode: end.code, faults };
  } finally {
    await address.close();
    await standby.stop();
    await primary.stop();
  }
}

/** Leaves no other database of the tests on a server: every pair copies whatever is there. */
async function dropOthers(url: string, kept: readonly string[]): Promise<void> {
  await inDatabase(url, async (session) => {
    const others = await session.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE datname LIKE 'ta\\_%' AND NOT datname = ANY($1)`,
      [[...kept]],
    );
    for (const { name } of others) await session.run(`DROP DATABASE ${name}`);
  });
}

/** From here on a commit waits until the standby has it. */
async function followClosely(primary: PostgresServer): Promise<void> {
  await inDatabase(primary.url, async (session) => {
    const following = () => session.query(`SELECT FROM pg_stat_replication WHERE state = 'streaming'`);
    while ((await following()).length === 0) await sleep(50);
    await session.run(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
    await session.query('SELECT pg_reload_conf()');
    const settled = () => session.query(`SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`);
    while ((await settled()).length === 0) await sleep(20);
  });
}

function phaseOf(output: string): FailoverResult['phase'] {
  if (output.includes('SUMMARY')) return 'done';
  if (output.includes('RUNNING EMA REFRESHERS')) return 'emas';
  return output.includes('RUNNING BAR BUILDERS') ? 'bars' : 'start';
}

function told(end: Pick<CliEnd, 'code' | 'stderr'>): string {
  return `exit code ${end.code}, ${end.stderr.trim().split('\n').slice(-4).join(' / ')}`;
}
