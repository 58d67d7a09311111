import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase, type Database, type DatabaseTarget, type Session } from '@ta/state-store';
import { schemaTemplate } from '../../../../../libs/pipeline/test/test-database.ts';
import type { Arena, Place } from './arena.ts';
import { refreshInside } from './refresh-inside.ts';
import { prepareScenario, prepareSource, SMALL_WORLD, type Scenario, type World } from './small-world.ts';
import { runUndisturbed } from './undisturbed.ts';

/** A place on a PostgreSQL server. */
export interface PostgresPlace extends Place {
  /** Name of the database. */
  readonly name: string;
  /** URL of the superuser. */
  readonly url: string;
}

/** An arena on a PostgreSQL server; its places are copies of template databases. */
export interface PostgresArena extends Arena {
  /** URL of the server's superuser. */
  readonly url: string;
  place(scenario: Scenario): Promise<PostgresPlace>;
}

/** Prepares the scenarios on the server of `serverUrl` and runs each once in peace. */
export async function postgresArena(
  serverUrl: string,
  scenarios: readonly Scenario[],
  world: World = SMALL_WORLD,
): Promise<PostgresArena> {
  const prefix = `ta_resilience_${randomBytes(4).toString('hex')}`;
  const logDir = await mkdtemp(path.join(tmpdir(), 'ta-resilience-logs-'));
  const onServer = (sql: string) => inDatabase(serverUrl, (session) => session.run(sql));
  const template = (scenario: Scenario) => `${prefix}_${scenario}`;
  let places = 0;

  const fill = async (name: string, work: (database: Database) => Promise<void>) => {
    const database = await openDatabase(targetOf(withDatabase(serverUrl, name)), { poolSize: 2 });
    await work(database);
    await database.close();
  };
  const copy = (name: string, of: string) => onServer(`CREATE DATABASE ${name} TEMPLATE ${of} STRATEGY file_copy`);
  const source = `${prefix}_source`;
  await copy(source, await schemaTemplate(serverUrl));
  await fill(source, (database) => prepareSource(database, world));
  for (const scenario of scenarios) {
    await copy(template(scenario), source);
    await fill(template(scenario), (database) => prepareScenario(database, scenario, () => refreshInside(database)));
  }
  const place = async (scenario: Scenario): Promise<PostgresPlace> => {
    const name = `${prefix}_${++places}`;
    await copy(name, template(scenario));
    const url = withDatabase(serverUrl, name);
    return {
      name,
      url,
      env: { DATABASE_URL: url },
      args: ['--log-dir', logDir],
      inspect: (look) => inDatabase(url, look),
      inspectAsLeft: (look) => inDatabase(url, look),
      drop: async () => void (await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
    };
  };
  const { content, planted, busySeconds, commits } = await runUndisturbed(scenarios, place);
  return {
    engine: 'postgres',
    url: serverUrl,
    undisturbed: content,
    planted,
    busySeconds,
    commits,
    place,
    async close() {
      for (const name of [source, ...scenarios.map(template)]) {
        await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }
      await rm(logDir, { recursive: true, force: true });
    },
  };
}

/** Runs a function on one connection to the database of a URL. */
export async function inDatabase<T>(url: string, work: (session: Session) => Promise<T>): Promise<T> {
  const database = await openDatabase(targetOf(url), { poolSize: 1, applicationName: 'resilience test' });
  try {
    return await database.session(work);
  } finally {
    await database.close();
  }
}

/** The same server URL with another database, host, port or login. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function targetOf(url: string): DatabaseTarget {
  return { engine: 'postgres', url, source: 'resilience test' };
}
