import { StoreError, type Session } from '@ta/state-store';
import type PgBoss from 'pg-boss';
import { QueueError } from './errors.ts';

/** The queue has a schema of its own, so that another program can use pg-boss in the same database. */
export const SCHEMA = 'ta_queue';

/** Version of the tables of pg-boss that the statements of this library are written for. */
const TABLES_VERSION = 24;

/** The queues: the items of the active component, the request that they belong to, and a row that exists while it is paused. */
export const ITEMS = 'ta-items';
export const REQUESTS = 'ta-orders';
export const PAUSES = 'ta-pauses';
const QUEUES = [ITEMS, REQUESTS, PAUSES];

/**
 * pg-boss on one of our sessions: it opens no connection and starts no timer, and what it does inside a transaction belongs
 * to that transaction.
 */
export async function bossOn(session: Session): Promise<PgBoss> {
  const { default: Boss } = await import('pg-boss');
  return new Boss({ db: databaseOf(session), schema: SCHEMA, supervise: false, schedule: false });
}

function databaseOf(session: Session): PgBoss.Db {
  return {
    async executeSql(text, values) {
      const isScript = /^\s*BEGIN;/.test(text);
      if (!isScript) return { rows: await session.query(text, values) };
      await session.run(text);
      return { rows: [] };
    },
  };
}

/**
 * Takes the next item of the queue, or null.
 *
 * pg-boss treats every failure of this statement, even a lost connection, as "nothing to do"; here the failure is thrown.
 */
export async function takeItem<Data extends object>(session: Session): Promise<PgBoss.JobWithMetadata<Data> | null> {
  const boss = await bossOn(session);
  let failure: unknown;
  const db = databaseOf(session);
  const told: PgBoss.Db = {
    executeSql: (text, values) =>
      db.executeSql(text, values).catch((error: unknown) => {
        failure = error;
        throw error;
      }),
  };
  const options = { batchSize: 1, includeMetadata: true as const, db: told };
  const [job] = await boss.fetch<Data>(ITEMS, options);
  if (failure !== undefined) throw failure;
  return job ?? null;
}

/**
 * Creates the queue in this database if it is missing, or what an interrupted call has not created. Call it outside a transaction
 * and with the run lock held: two programs must not create it at once.
 *
 * @throws QueueError `QUEUE_NOT_INSTALLED` when the role may not create it
 */
export async function installQueue(session: Session): Promise<void> {
  const present = await presentQueues(session);
  if (present !== null) await assertVersion(session);
  const missing = missingQueues(present);
  if (missing.length === 0) return;
  try {
    const boss = await bossOn(session);
    if (present === null) await boss.start();
    for (const name of missing) await boss.createQueue(name);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORE_PERMISSION') throw notInstalled();
    throw error;
  }
}

/** @throws QueueError `QUEUE_NOT_INSTALLED`, also when an interrupted call created only a part of it; `QUEUE_SCHEMA` */
export async function assertQueue(session: Session): Promise<void> {
  const present = await presentQueues(session);
  if (present === null) throw notInstalled();
  await assertVersion(session);
  // pg-boss ignores what is put into a queue that is not there
  if (missingQueues(present).length > 0) throw notInstalled();
}

/** @throws QueueError `QUEUE_RIGHTS` when this role may not take items, so that a worker would fail at its first one; as `assertQueue` */
export async function assertMayWork(session: Session): Promise<void> {
  await assertQueue(session);
  const [row] = await session.query<{ may: boolean }>(`SELECT has_table_privilege('${SCHEMA}.job', 'UPDATE') AS may`);
  if (row?.may === true) return;
  throw new QueueError('QUEUE_RIGHTS', 'This role may not take items from the queue', {
    hint: 'Use a login with the rights of ta_refresh: libs/state-store/roles.sql, run again after `ta db migrate`.',
  });
}

/** The names of the queues that exist; null if there are no tables of pg-boss. */
async function presentQueues(session: Session): Promise<ReadonlySet<string> | null> {
  const [row] = await session.query<{ found: boolean }>(`SELECT to_regclass('${SCHEMA}.job') IS NOT NULL AS found`);
  if (row?.found !== true) return null;
  const rows = await session.query<{ name: string }>(`SELECT name FROM ${SCHEMA}.queue`);
  return new Set(rows.map(({ name }) => name));
}

function missingQueues(present: ReadonlySet<string> | null): string[] {
  return QUEUES.filter((name) => present?.has(name) !== true);
}

async function assertVersion(session: Session): Promise<void> {
  const version = await (await bossOn(session)).schemaVersion();
  if (version === TABLES_VERSION) return;
  throw new QueueError(
    'QUEUE_SCHEMA',
    `The queue in schema ${SCHEMA} has version ${version}; this program knows version ${TABLES_VERSION}`,
    { hint: 'Use the version of the program that made it, or drop the schema while nothing is distributed.' },
  );
}

function notInstalled(): QueueError {
  return new QueueError('QUEUE_NOT_INSTALLED', 'There is no queue in this database yet', {
    hint: 'As the owner of the tables run `ta db migrate`, and then libs/state-store/roles.sql where roles are used.',
  });
}
