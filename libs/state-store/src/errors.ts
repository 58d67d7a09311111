import { CodedError, type ErrorDetails } from './coded-error.ts';

/** The codes of {@link StoreError}. They are public: applications match on them, never on message text. */
export type StoreErrorCode =
  | 'STORE_UNREACHABLE' // no server answers
  | 'STORE_AUTHENTICATION' // it refuses the user or password
  | 'STORE_TLS' // the connection cannot be encrypted as requested, or the server's certificate is not trusted
  | 'STORE_TOO_MANY_CONNECTIONS' // it has no free slot
  | 'STORE_DATABASE_MISSING' // it has no such database
  | 'STORE_SCHEMA_MISSING' // a table is not there
  | 'STORE_SCHEMA_NEWER' // the database was migrated by a newer version
  | 'STORE_CONSTRAINT' // a key, check or NOT NULL was violated
  | 'STORE_NULL' // the same, noticed before sending
  | 'STORE_RANGE' // a value does not fit its column
  | 'STORE_DISK_FULL'
  | 'STORE_PERMISSION'
  | 'STORE_READ_ONLY'
  | 'STORE_CONNECTION_LOST' // an open connection broke
  | 'STORE_TIMEOUT'
  | 'STORE_BUSY' // another process or session holds a lock that is needed
  | 'STORE_CONFLICT' // the server rolled a transaction back in favour of another session's (a deadlock)
  | 'STORE_CONFIG' // an unusable setting
  | 'STORE_LAYOUT' // a layout that the server or the tables do not support
  | 'STORE_QUERY'; // anything else

/** Further properties of a {@link StoreError}; its context has table, column, constraint and statement text. */
export interface StoreErrorDetails extends ErrorDetails {
  /** SQLSTATE of the server, when the server answered. */
  readonly sqlstate?: string;
}

/** The one error this library throws; its message never holds a parameter value or a password. */
export class StoreError extends CodedError<StoreErrorCode> {
  override readonly name = 'StoreError';
  readonly sqlstate: string | undefined;

  constructor(code: StoreErrorCode, message: string, details: StoreErrorDetails = {}) {
    super(code, message, details);
    this.sqlstate = details.sqlstate;
  }
}
