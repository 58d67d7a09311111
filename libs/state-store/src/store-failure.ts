import { StoreError, type StoreErrorCode } from './errors.ts';

/** The facts about the failed operation that the caller of {@link toStoreError} knows. */
export interface FailureScene {
  /** Masked description of the database; given while connecting. */
  connectingTo?: string;
  /** SQL text with its placeholders, not its values. */
  statement?: string;
}

const CODE_BY_SQLSTATE: Readonly<Record<string, StoreErrorCode>> = {
  '08001': 'STORE_UNREACHABLE',
  '08004': 'STORE_UNREACHABLE',
  '22003': 'STORE_RANGE',
  '22008': 'STORE_RANGE',
  '25006': 'STORE_READ_ONLY',
  '25P03': 'STORE_CONNECTION_LOST',
  '25P04': 'STORE_TIMEOUT',
  '3D000': 'STORE_DATABASE_MISSING',
  '3F000': 'STORE_SCHEMA_MISSING',
  '40001': 'STORE_CONFLICT',
  '40P01': 'STORE_CONFLICT',
  '42501': 'STORE_PERMISSION',
  '42P01': 'STORE_SCHEMA_MISSING',
  '53100': 'STORE_DISK_FULL',
  '53300': 'STORE_TOO_MANY_CONNECTIONS',
  '55P03': 'STORE_TIMEOUT',
  '57014': 'STORE_TIMEOUT',
  '57P01': 'STORE_CONNECTION_LOST',
  '57P02': 'STORE_CONNECTION_LOST',
  '57P03': 'STORE_UNREACHABLE',
  '57P04': 'STORE_CONNECTION_LOST',
  '57P05': 'STORE_CONNECTION_LOST',
};

const CODE_BY_SQLSTATE_CLASS: Readonly<Record<string, StoreErrorCode>> = {
  '08': 'STORE_CONNECTION_LOST',
  '23': 'STORE_CONSTRAINT',
  '28': 'STORE_AUTHENTICATION',
};

const CODE_BY_SYSTEM_ERROR: Readonly<Record<string, StoreErrorCode>> = {
  ECONNREFUSED: 'STORE_UNREACHABLE',
  ENOTFOUND: 'STORE_UNREACHABLE',
  EAI_AGAIN: 'STORE_UNREACHABLE',
  EHOSTUNREACH: 'STORE_UNREACHABLE',
  EHOSTDOWN: 'STORE_UNREACHABLE',
  ENETUNREACH: 'STORE_UNREACHABLE',
  ENETDOWN: 'STORE_UNREACHABLE',
  EADDRNOTAVAIL: 'STORE_UNREACHABLE',
  ETIMEDOUT: 'STORE_UNREACHABLE',
  ECONNRESET: 'STORE_CONNECTION_LOST',
  ECONNABORTED: 'STORE_CONNECTION_LOST',
  EPIPE: 'STORE_CONNECTION_LOST',
  ENOSPC: 'STORE_DISK_FULL',
  EDQUOT: 'STORE_DISK_FULL',
  EACCES: 'STORE_PERMISSION',
  EPERM: 'STORE_PERMISSION',
  EROFS: 'STORE_PERMISSION',
};

/** SQLSTATE of a server that refuses a connection by its pg_hba.conf. */
const REFUSED_BY_HBA = '28000';

/** SQLSTATE of an object that others depend on, such as a table with a view of the user. */
const DEPENDED_ON = '2BP01';

/** Failures that drivers report only by their text. */
const CODE_BY_TEXT: readonly (readonly [RegExp, StoreErrorCode])[] = [
  [/too many (clients|connections)|no more connections allowed/i, 'STORE_TOO_MANY_CONNECTIONS'],
  [/no space left on device/i, 'STORE_DISK_FULL'],
  [/^SASL:|password must be a string/i, 'STORE_AUTHENTICATION'],
  [/timeout expired|due to connection timeout|timeout exceeded when trying to connect/i, 'STORE_UNREACHABLE'],
  [/unknown url type/i, 'STORE_UNREACHABLE'],
  [/query read timeout/i, 'STORE_TIMEOUT'],
  [
    /connection terminated|not queryable|connection is closed|pglite is clos|unreachable|memory access out of bounds|\bSSL\b/i,
    'STORE_CONNECTION_LOST',
  ],
];

const HINTS: Partial<Record<StoreErrorCode, string>> = {
  STORE_UNREACHABLE: 'Check that the server is running and that host and port in the database URL are right.',
  STORE_AUTHENTICATION: 'Check user and password in the database URL and the server’s pg_hba.conf.',
  STORE_TLS: 'Check sslmode and the certificates in the database URL.',
  STORE_TOO_MANY_CONNECTIONS: 'Close other clients, lower --concurrency, or raise max_connections on the server.',
  STORE_DATABASE_MISSING: 'Create the database (createdb <name>) or correct the name in the database URL.',
  STORE_SCHEMA_MISSING: 'Run `ta db migrate` on this database.',
  STORE_DISK_FULL: 'Free disk space where the database lives, then run the command again.',
  STORE_PERMISSION: 'Use a database role that owns the tables, or grant it the missing rights.',
  STORE_READ_ONLY:
    'Use the primary server, and no default_transaction_read_only of the database or role; for `ta sql`, add --write.',
  STORE_CONNECTION_LOST: 'The work of the open transaction was rolled back; run the command again.',
  STORE_CONFLICT: 'Nothing was written by the transaction; run the command again when the other session is done.',
  STORE_TIMEOUT: 'Raise the time limit, or look for a session that holds locks.',
};

/**
 * Converts anything that a driver, Drizzle or the file system threw into a {@link StoreError}; never throws.
 * A StoreError is returned unchanged. Parameter values are kept out: Drizzle's wrapper is dropped, quoted values in
 * SQLSTATE class 22 messages are replaced, and the cause is a copy of the driver's error without its details.
 */
export function toStoreError(thrown: unknown, scene: FailureScene = {}): StoreError {
  const fault = innermostFault(thrown);
  if (fault instanceof StoreError) return fault;
  const sqlstate = sqlstateOf(fault);
  const code = storeCodeOf(fault, sqlstate, scene.connectingTo !== undefined);
  const said = lossNamed(safeMessage(fault, sqlstate), code, sqlstate);
  const message = scene.connectingTo === undefined ? said : `Cannot connect to database ${scene.connectingTo}: ${said}`;
  return new StoreError(code, message, {
    sqlstate,
    hint: hintFor(code, fault, sqlstate),
    context: contextOf(fault, scene),
    cause: copyWithoutValues(fault, said),
  });
}

/** Adds that the connection was lost to messages of the system that do not say so, such as `read ECONNRESET`. */
function lossNamed(said: string, code: StoreErrorCode, sqlstate: string | undefined): string {
  const isUnnamed = code === 'STORE_CONNECTION_LOST' && sqlstate === undefined && !/connection/i.test(said);
  return isUnnamed ? `The connection to the server was lost: ${said}` : said;
}

/**
 * Converts an error thrown by a caller's function: database errors become {@link StoreError}; everything else
 * (a contract violation of a core, a deliberate abort) is returned unchanged.
 */
export function atStoreEdge(thrown: unknown): unknown {
  if (thrown instanceof StoreError) return thrown;
  if (!(thrown instanceof Error)) return thrown;
  const isDrizzle = 'params' in thrown && 'query' in thrown;
  return isDrizzle || sqlstateOf(thrown) !== undefined ? toStoreError(thrown) : thrown;
}

/** Whether a refused connection may succeed with encryption instead of without, or the other way round. */
export function isAboutEncryption({ code, sqlstate }: StoreError): boolean {
  return code === 'STORE_TLS' || sqlstate === REFUSED_BY_HBA;
}

function innermostFault(thrown: unknown): unknown {
  let fault = thrown;
  for (let depth = 0; depth < 8; depth++) {
    if (fault instanceof StoreError || !(fault instanceof Error)) break;
    // localhost resolves to two addresses, and Node then reports both failures at once
    if (fault instanceof AggregateError && fault.errors.length > 0) fault = fault.errors[0];
    else if ('params' in fault && 'query' in fault && fault.cause !== undefined) fault = fault.cause;
    else break;
  }
  return fault;
}

function textProperty(fault: unknown, name: string): string | undefined {
  if (typeof fault !== 'object' || fault === null) return undefined;
  const value = (fault as Record<string, unknown>)[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function sqlstateOf(fault: unknown): string | undefined {
  const code = textProperty(fault, 'code');
  // only errors of the server have `severity`; a code of five characters is not enough, since EPIPE has five too
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && textProperty(fault, 'severity') !== undefined
    ? code
    : undefined;
}

function hintFor(code: StoreErrorCode, fault: unknown, sqlstate: string | undefined): string | undefined {
  if (sqlstate === REFUSED_BY_HBA) {
    const text = textOf(fault);
    if (/, no encryption$/.test(text))
      return 'If the server accepts encrypted connections only, use sslmode=verify-full.';
    if (/certificate/.test(text))
      return 'Give sslcert and sslkey in the database URL: the server requires a client certificate.';
  }
  if (sqlstate === DEPENDED_ON) return 'Drop what depends on it, run the command again, and then create it again.';
  if (sqlstate === undefined && code === 'STORE_PERMISSION') {
    return 'Give this user the right to write there, or choose another folder.';
  }
  return HINTS[code];
}

function storeCodeOf(fault: unknown, sqlstate: string | undefined, isConnecting: boolean): StoreErrorCode {
  const text = textOf(fault);
  const bySqlstate =
    sqlstate === undefined ? undefined : (CODE_BY_SQLSTATE[sqlstate] ?? CODE_BY_SQLSTATE_CLASS[sqlstate.slice(0, 2)]);
  let code: StoreErrorCode | undefined = bySqlstate ?? CODE_BY_SYSTEM_ERROR[textProperty(fault, 'code') ?? ''];
  if (code === undefined && (sqlstate === undefined || !/^(22|23|42)/.test(sqlstate))) {
    code = CODE_BY_TEXT.find(([pattern]) => pattern.test(text))?.[1];
  }
  if (isConnecting && (code === 'STORE_CONNECTION_LOST' || code === undefined) && sqlstate === undefined) {
    return /\bSSL\b|certificate|\bPEM\b/i.test(text) ? 'STORE_TLS' : 'STORE_UNREACHABLE';
  }
  return code ?? 'STORE_QUERY';
}

function textOf(fault: unknown): string {
  if (typeof fault === 'object' && fault !== null) {
    // PGlite's file system throws plain objects with a number
    const { message, name, errno } = fault as { message?: unknown; name?: unknown; errno?: unknown };
    if (typeof message === 'string' && message !== '') return message;
    return [name ?? 'unknown failure', errno].filter((part) => part !== undefined).join(' ');
  }
  return String(fault);
}

function safeMessage(fault: unknown, sqlstate: string | undefined): string {
  const text = textOf(fault);
  // the detail names the objects
  const detail = sqlstate === DEPENDED_ON ? textProperty(fault, 'detail') : undefined;
  if (detail !== undefined) return `${text}: ${detail.replaceAll('\n', '; ')}`;
  // class 22 (data exceptions) quotes the offending value
  return sqlstate?.startsWith('22') ? text.replace(/".*"/s, '"…"') : text;
}

function contextOf(fault: unknown, scene: FailureScene): Record<string, unknown> {
  const context: Record<string, unknown> = {};
  for (const name of ['schema', 'table', 'column', 'constraint'] as const) {
    const value = textProperty(fault, name);
    if (value !== undefined) context[name] = value;
  }
  if (scene.statement !== undefined) context.statement = scene.statement.slice(0, 400);
  return context;
}

function copyWithoutValues(fault: unknown, said: string): Error {
  const copy: Error & { code?: string } = new Error(said);
  if (fault instanceof Error) {
    copy.name = fault.name;
    const frames = fault.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
    copy.stack = [`${fault.name}: ${said}`, ...frames].join('\n');
  }
  const code = textProperty(fault, 'code');
  if (code !== undefined) copy.code = code;
  return copy;
}
