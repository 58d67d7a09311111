import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Database } from '../../src/connect/database.ts';

const FOLDER = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** Takes everything out of a database that is used again, which costs a fraction of making another one. */
export async function emptyAgain(database: Database): Promise<void> {
  await database.session((session) =>
    session.run('DROP SCHEMA IF EXISTS public, ta_store, drizzle CASCADE; CREATE SCHEMA public'),
  );
}

/** Brings an empty database to where an earlier version left it: with drizzle's common record, as up to `0005_change_key`. */
export async function migrateAsEarlier(database: Database, newestTag = '0005_change_key'): Promise<void> {
  const journal = readFileSync(path.join(FOLDER, 'meta/_journal.json'), 'utf8');
  const { entries } = JSON.parse(journal) as { entries: { tag: string }[] };
  const count = entries.findIndex(({ tag }) => tag === newestTag) + 1;
  await database.transaction(async (tx) => {
    await tx.run('CREATE SCHEMA IF NOT EXISTS drizzle');
    await tx.run(
      'CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)',
    );
    for (const { sql, hash, folderMillis } of readMigrationFiles({ migrationsFolder: FOLDER }).slice(0, count)) {
      for (const statement of sql) await tx.run(statement);
      await tx.run('INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ($1, $2)', [hash, folderMillis]);
    }
  });
}

/** Brings an empty database to where an earlier version with a record of its own left it. */
export async function migrateUpTo(database: Database, newestTag: string): Promise<void> {
  const { entries } = JSON.parse(readFileSync(path.join(FOLDER, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string }[];
  };
  const count = entries.findIndex(({ tag }) => tag === newestTag) + 1;
  await database.transaction(async (tx) => {
    await tx.run('CREATE SCHEMA ta_store');
    await tx.run(
      'CREATE TABLE ta_store.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)',
    );
    for (const { sql, hash, folderMillis } of readMigrationFiles({ migrationsFolder: FOLDER }).slice(0, count)) {
      for (const statement of sql) await tx.run(statement);
      await tx.run('INSERT INTO ta_store.__drizzle_migrations (hash, created_at) VALUES ($1, $2)', [
        hash,
        folderMillis,
      ]);
    }
  });
}
