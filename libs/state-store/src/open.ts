/** What a command needs to open a database and ask one question: soon loaded, without the tables' definitions. */
export { describeTarget, resolveDatabaseTarget } from './connect/database-url.ts';
export type { DatabaseTarget } from './connect/database-url.ts';
export type { Database, Session } from './connect/database.ts';
export { StoreError } from './errors.ts';
export { openForReading } from './open-for-reading.ts';
