import { StoreError } from '../errors.ts';
import type { StoreOrm } from './database.ts';

/** Whether a session may still be used, and how deep its savepoints are. */
export interface SessionScope {
  isOpen: boolean;
  readonly isTransaction: boolean;
  savepoints: number;
  /** The last savepoint whose function has ended, if it has not been released yet. */
  ended: string | null;
}

/** A fresh scope. */
export function openScope(isTransaction: boolean): SessionScope {
  return { isOpen: true, isTransaction, savepoints: 0, ended: null };
}

/** @throws StoreError `STORE_QUERY` when the function of the session has already returned */
export function assertOpen(scope: SessionScope): void {
  if (!scope.isOpen) {
    throw new StoreError('STORE_QUERY', 'A session was used after its function had returned.', {
      hint: 'Await everything inside the function given to transaction() or session().',
    });
  }
}

/** How a session begins a savepoint and rolls back to it. */
interface Savepoints {
  begin(statements: readonly string[]): Promise<unknown>;
  /** @param begun the statement that began it */
  undo(name: string, begun: string): Promise<unknown>;
}

/** Runs a function under a savepoint. */
async function underSavepoint<T>(scope: SessionScope, savepoints: Savepoints, fn: () => Promise<T>): Promise<T> {
  assertOpen(scope);
  if (!scope.isTransaction) {
    throw new StoreError('STORE_QUERY', 'A savepoint needs a transaction, and this session has none.');
  }
  const name = `ta_${++scope.savepoints}`;
  // the previous savepoint is released in the same message, since each statement would be a round trip
  const release = scope.ended === null ? [] : [`RELEASE SAVEPOINT ${scope.ended}`];
  scope.ended = null;
  const begun = `SAVEPOINT ${name}`;
  await savepoints.begin([...release, begun]);
  let value: T;
  try {
    value = await fn();
  } catch (error) {
    scope.ended = null; // rolling back to this savepoint also removes the savepoints inside it
    await savepoints.undo(name, begun);
    throw error;
  }
  scope.ended = name; // if no savepoint follows, COMMIT releases it
  return value;
}

/**
 * Refuses Drizzle's own `transaction` inside a transaction of this library, where it would send another BEGIN and COMMIT.
 */
function refuseNestedTransaction(orm: StoreOrm, scope: SessionScope): StoreOrm {
  if (scope.isTransaction) {
    orm.transaction = () => {
      throw new StoreError('STORE_QUERY', 'orm.transaction() inside a transaction; use session.savepoint().');
    };
  }
  return orm;
}

/** The error when the server answers COMMIT with ROLLBACK. */
export function commitRefused(): StoreError {
  return new StoreError('STORE_QUERY', 'Nothing was committed: a statement of the transaction had failed before.', {
    sqlstate: '25P02',
    hint: 'Let the error of a failed statement pass, or run the statement under a savepoint.',
  });
}

/** The part that the sessions of both engines share: the check that they are still open, savepoints, and Drizzle. */
export abstract class ScopedSession {
  protected readonly scope: SessionScope;
  private drizzle: StoreOrm | null = null;

  constructor(scope: SessionScope) {
    this.scope = scope;
  }

  savepoint<T>(fn: () => Promise<T>): Promise<T> {
    const begin = (statements: readonly string[]) => this.beginSavepoint(statements);
    return underSavepoint(this.scope, { begin, undo: (name, begun) => this.undoSavepoint(name, begun) }, fn);
  }

  protected beginSavepoint(statements: readonly string[]): Promise<unknown> {
    return this.sendScript(statements.join('; '));
  }

  protected undoSavepoint(name: string, _begun: string): Promise<unknown> {
    return this.sendScript(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`);
  }

  get orm(): StoreOrm {
    this.drizzle ??= refuseNestedTransaction(this.openOrm(), this.scope);
    return this.drizzle;
  }

  protected abstract sendScript(sql: string): Promise<unknown>;
  protected abstract openOrm(): StoreOrm;
}
