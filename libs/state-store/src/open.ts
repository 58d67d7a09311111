/** What a command needs to open a database and ask one question: soon loaded, without the tables' definitions. */
export { describeTarget, resolveDatabaseTarget } from './connect/database-url.ts';
export type { DatabaseTarget } from './connect/database-url.ts';
export type { Database, Session } from './connect/database.ts';
export { openDatabase } from './connect/open-database.ts';
export { acquireRunLock } from './lock.ts';
export { isWanted } from './lock/file-lock.ts';
export { assertSchema } from './migrate.ts';
