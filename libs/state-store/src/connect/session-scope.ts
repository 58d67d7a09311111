import { StoreError } from '../errors.ts';
import type { StoreOrm } from './database.ts';

/** Whether a session may still be used, and how deep its savepoints are. */
export interface SessionScope {
  isOpen: boolean;
  readonly isTransaction: boolean;
  savepoints: number;
  /** The savepoint that ended last and still waits to be released. */
  ended: string | null;
}

/** A fresh scope. */
export function openScope(isTransaction: boolean): SessionScope {
  return { isOpen: true, isTransaction, savepoints: 0, ended: null };
}

/** @throws StoreError `STORE_QUERY` when the session's function has returned already */
export function assertOpen(scope: SessionScope): void {
  if (!scope.isOpen) {
    throw new StoreError('STORE_QUERY', 'A session was used after its function had returned.', {
      hint: 'Await everything inside the function given to transaction() or session().',
    });
  }
}

/** Runs a function under a savepoint; `execute` runs one statement without a result. */
async function underSavepoint<T>(
  scope: SessionScope,
  execute: (sql: string) => Promise<unknown>,
  fn: () => Promise<T>,
): Promise<T> {
  assertOpen(scope);
  if (!scope.isTransaction) {
    throw new StoreError('STORE_QUERY', 'A savepoint needs a transaction, and this session has none.');
  }
  const name = `ta_${++scope.savepoints}`;
  // the one before is released on the way: each statement is a round trip
  const release = scope.ended === null ? '' : `RELEASE SAVEPOINT ${scope.ended}; `;
  scope.ended = null;
  await execute(`${release}SAVEPOINT ${name}`);
  let value: T;
  try {
    value = await fn();
  } catch (error) {
    scope.ended = null; // savepoints inside go with it
    await execute(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`);
    throw error;
  }
  scope.ended = name; // COMMIT releases what is left
  return value;
}

/**
 * Drizzle's own `transaction` would send BEGIN and COMMIT on a connection whose transaction is ours: refuse it there.
 */
function refuseNestedTransaction(orm: StoreOrm, scope: SessionScope): StoreOrm {
  if (scope.isTransaction) {
    orm.transaction = () => {
      throw new StoreError('STORE_QUERY', 'orm.transaction() inside a transaction; use session.savepoint().');
    };
  }
  return orm;
}

/** What a COMMIT that the server answered with ROLLBACK means. */
export function commitRefused(): StoreError {
  return new StoreError('STORE_QUERY', 'Nothing was committed: a statement of the transaction had failed before.', {
    sqlstate: '25P02',
    hint: 'Let the error of a failed statement pass, or run the statement under a savepoint.',
  });
}

/** What the sessions of both engines share: their end, their savepoints, their Drizzle. */
export abstract class ScopedSession {
  protected readonly scope: SessionScope;
  private drizzle: StoreOrm | null = null;

  constructor(scope: SessionScope) {
    this.scope = scope;
  }

  savepoint<T>(fn: () => Promise<T>): Promise<T> {
    return underSavepoint(this.scope, (sql) => this.sendScript(sql), fn);
  }

  get orm(): StoreOrm {
    this.drizzle ??= refuseNestedTransaction(this.openOrm(), this.scope);
    return this.drizzle;
  }

  protected abstract sendScript(sql: string): Promise<unknown>;
  protected abstract openOrm(): StoreOrm;
}
