import type { Database, Session } from './database.ts';

/** Thrown to roll back a transaction that only reads. */
class Enough extends Error {}

/**
 * Runs a function in a read-only transaction that is always rolled back. A superuser (as on an embedded database) gives up the
 * superuser rights for it: reading needs none of them, while functions that reach outside the database do.
 */
export async function readAndRollBack<T>(database: Database, work: (tx: Session) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  const transaction = database.transaction(
    async (tx) => {
      const [{ is_superuser: isSuperuser }] = await tx.query<{ is_superuser: string }>('SHOW is_superuser');
      if (isSuperuser === 'on') await tx.run('SET LOCAL ROLE pg_read_all_data');
      result = { value: await work(tx) };
      throw new Enough();
    },
    { readOnly: true },
  );
  await transaction.catch((error: unknown) => {
    if (!(error instanceof Enough)) throw error;
  });
  return (result as { readonly value: T }).value;
}
