import type { DatabaseTarget } from './database-url.ts';
import type { Database } from './database.ts';

/** Options of {@link openDatabase}. PGlite ignores the size of the pool, the name and the time limit for connecting. */
export interface OpenOptions {
  /** Most connections at a time. Default 4. */
  poolSize?: number;
  /** Name under which the server lists the connections. Default `ta`. */
  applicationName?: string;
  /** How long one connection may take to open. Default 10,000 ms. */
  connectTimeoutMs?: number;
  /**
   * The work only reads, so an embedded database starts faster and with less memory. Writing is possible, but slower. Default
   * false.
   */
  readsOnly?: boolean;
  /** For a new embedded database: the folder of a closed database to copy, or null to create it from scratch. */
  image?: () => Promise<string | null>;
}

/**
 * Opens the database and makes sure that it answers. The driver is loaded only here, so a command that needs no database starts
 * without it.
 * @throws StoreError `STORE_UNREACHABLE`, `STORE_AUTHENTICATION`, `STORE_DATABASE_MISSING`,
 * `STORE_TOO_MANY_CONNECTIONS`, `STORE_CONFIG`, … with the masked target in the message
 */
export async function openDatabase(target: DatabaseTarget, options: OpenOptions = {}): Promise<Database> {
  if (target.engine === 'pglite') {
    const { openPglite } = await import('./open-pglite.ts');
    return openPglite(target, options);
  }
  const { openPostgres } = await import('./open-postgres.ts');
  return openPostgres(target, {
    poolSize: options.poolSize ?? 4,
    applicationName: options.applicationName ?? 'ta',
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
  });
}
