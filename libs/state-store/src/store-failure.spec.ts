import { describe, expect, it } from 'vitest';

import { StoreError } from './errors.ts';
import { atStoreEdge, toStoreError } from './store-failure.ts';

/** An error as both drivers make it from a server's answer. */
function serverError(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code, severity: 'ERROR', ...more });
}

/** An error as Node makes it from a failed system call. */
function systemError(code: string, more: object = {}): Error {
  return Object.assign(new Error(`connect ${code}`), { code, ...more });
}

/** An error as Drizzle makes it: with the parameters in message and properties. */
function drizzleError(cause: Error): Error {
  const error = new Error('Failed query: select $1\nparams: hush', { cause });
  return Object.assign(error, { query: 'select $1', params: ['hush'] });
}

describe('toStoreError', () => {
  it.each([
    ['28P01', 'STORE_AUTHENTICATION'],
    ['28000', 'STORE_AUTHENTICATION'],
    ['3D000', 'STORE_DATABASE_MISSING'],
    ['42P01', 'STORE_SCHEMA_MISSING'],
    ['53300', 'STORE_TOO_MANY_CONNECTIONS'],
    ['53100', 'STORE_DISK_FULL'],
    ['23505', 'STORE_CONSTRAINT'],
    ['23503', 'STORE_CONSTRAINT'],
    ['42501', 'STORE_PERMISSION'],
    ['25006', 'STORE_READ_ONLY'],
    ['57014', 'STORE_TIMEOUT'],
    ['55P03', 'STORE_TIMEOUT'],
    ['57P01', 'STORE_CONNECTION_LOST'],
    ['57P03', 'STORE_UNREACHABLE'],
    ['08006', 'STORE_CONNECTION_LOST'],
    ['22003', 'STORE_RANGE'],
    ['40P01', 'STORE_CONFLICT'],
    ['40001', 'STORE_CONFLICT'],
    ['XX000', 'STORE_QUERY'],
  ])('turns SQLSTATE %s into %s and keeps it', (sqlstate, code) => {
    const error = toStoreError(serverError(sqlstate, 'what the server says'));
    expect([error.code, error.sqlstate, error.message]).toEqual([code, sqlstate, 'what the server says']);
  });

  it('names what depends on an object, and says what to do', () => {
    const detail = 'view mine depends on view closed_emas\nview yours depends on view mine';
    const error = toStoreError(serverError('2BP01', 'cannot drop view closed_emas', { detail }));
    expect(error.message).toBe(
      'cannot drop view closed_emas: view mine depends on view closed_emas; view yours depends on view mine',
    );
    expect(error.hint).toContain('Drop what depends on it');
  });

  it.each([
    ['ECONNREFUSED', 'STORE_UNREACHABLE'],
    ['ENOTFOUND', 'STORE_UNREACHABLE'],
    ['ECONNRESET', 'STORE_CONNECTION_LOST'],
    ['EPIPE', 'STORE_CONNECTION_LOST'],
    ['ENOSPC', 'STORE_DISK_FULL'],
    ['EACCES', 'STORE_PERMISSION'],
  ])('turns the system error %s into %s, which is no SQLSTATE', (name, code) => {
    const error = toStoreError(systemError(name));
    expect([error.code, error.sqlstate]).toEqual([code, undefined]);
  });

  it.each([
    ['sorry, too many clients already', 'STORE_TOO_MANY_CONNECTIONS'],
    ['Connection terminated unexpectedly', 'STORE_CONNECTION_LOST'],
    ['Client has encountered a connection error and is not queryable', 'STORE_CONNECTION_LOST'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'STORE_AUTHENTICATION'],
    ['could not write: No space left on device', 'STORE_DISK_FULL'],
    ['something else', 'STORE_QUERY'],
  ])('understands the text “%s”', (text, code) => {
    expect(toStoreError(new Error(text)).code).toBe(code);
  });

  it('names the connection where the system names its call alone', () => {
    expect(toStoreError(systemError('EPIPE')).message).toBe('The connection to the server was lost: connect EPIPE');
    expect(toStoreError(new Error('Connection terminated unexpectedly')).message).toBe(
      'Connection terminated unexpectedly',
    );
  });

  it('calls a connection that broke while connecting unreachable, and names the target', () => {
    const error = toStoreError(systemError('ECONNRESET'), { connectingTo: 'postgresql://h/d (--db-url)' });
    expect(error.code).toBe('STORE_UNREACHABLE');
    expect(error.message).toBe('Cannot connect to database postgresql://h/d (--db-url): connect ECONNRESET');
  });

  it('looks into the two failures that localhost produces', () => {
    const both = new AggregateError([systemError('ECONNREFUSED'), systemError('ECONNREFUSED')]);
    expect(toStoreError(both).code).toBe('STORE_UNREACHABLE');
  });

  it('takes Drizzle’s wrapper off, and its parameters with it', () => {
    const error = toStoreError(drizzleError(serverError('23505', 'duplicate key value', { detail: 'Key (a)=(hush)' })));
    expect([error.code, error.message]).toEqual(['STORE_CONSTRAINT', 'duplicate key value']);
    expect(JSON.stringify({ ...error, cause: { ...(error.cause as Error) } }) + String(error.stack)).not.toContain(
      'hush',
    );
  });

  it('replaces the values that class 22 messages quote', () => {
    const error = toStoreError(serverError('22P02', 'invalid input syntax for type integer: "hu"sh"'));
    expect(error.message).toBe('invalid input syntax for type integer: "…"');
    expect((error.cause as Error).stack).not.toContain('sh"');
  });

  it('carries table, column and constraint, and the statement shortened', () => {
    const fault = serverError('23502', 'null value', { table: 't', column: 'c', detail: 'Failing row contains (1)' });
    const { context } = toStoreError(fault, { statement: 'x'.repeat(5000) });
    expect(context).toEqual({ table: 't', column: 'c', statement: 'x'.repeat(400) });
  });

  it('is total', () => {
    expect(toStoreError('text').message).toBe('text');
    expect(toStoreError(undefined).message).toBe('undefined');
    expect(toStoreError({ name: 'ErrnoError', errno: 20 }).message).toBe('ErrnoError 20');
    expect(toStoreError({}).code).toBe('STORE_QUERY');
  });

  it('leaves a StoreError as it is, also inside Drizzle’s wrapper', () => {
    const error = new StoreError('STORE_BUSY', 'busy');
    expect(toStoreError(error)).toBe(error);
    expect(toStoreError(drizzleError(error))).toBe(error);
  });
});

describe('atStoreEdge', () => {
  it('passes errors that are not the database’s untouched', () => {
    for (const error of [new RangeError('r'), 'text', systemError('ENOENT'), new StoreError('STORE_BUSY', 'b')]) {
      expect(atStoreEdge(error)).toBe(error);
    }
  });

  it('translates what drivers and Drizzle throw', () => {
    expect(atStoreEdge(serverError('42P01', 'no such table'))).toMatchObject({ code: 'STORE_SCHEMA_MISSING' });
    expect(atStoreEdge(drizzleError(serverError('42P01', 'no')))).toMatchObject({ code: 'STORE_SCHEMA_MISSING' });
  });
});
