import { CliError } from '@ta/cli-kit';
import { StoreError, type StoreErrorCode } from '@ta/state-store';
import { describe, expect, it } from 'vitest';
import { beforeWork, explain, hintOf } from './explain-failure.ts';

const failure = (code: StoreErrorCode, hint?: string) => new StoreError(code, `planted ${code}`, { hint });

describe('The exit code of a failure', () => {
  it.each([
    ['STORE_BUSY', 3],
    ['STORE_UNREACHABLE', 4],
    ['STORE_AUTHENTICATION', 4],
    ['STORE_TOO_MANY_CONNECTIONS', 4],
    ['STORE_SCHEMA_MISSING', 4],
    ['STORE_SCHEMA_NEWER', 4],
    ['STORE_DATABASE_MISSING', 4],
    ['STORE_CONFIG', 4],
    ['STORE_READ_ONLY', 1],
    ['STORE_PERMISSION', 1],
    ['STORE_DISK_FULL', 1],
    ['STORE_CONNECTION_LOST', 1],
    ['STORE_TIMEOUT', 1],
  ] as const)('%s is %i', (code, exitCode) => {
    expect(explain(failure(code), false).exitCode).toBe(exitCode);
  });

  it('is 1 for what nobody foresaw', () => {
    expect(explain(new Error('boom'), false)).toEqual({ lines: ['[ERROR] boom'], exitCode: 1 });
    expect(explain('boom', false).exitCode).toBe(1);
  });

  it('is the one that a CliError names', () => {
    expect(explain(new CliError('CLI_X', 'planted', { exitCode: 130 }), false).exitCode).toBe(130);
  });
});

describe('A failure is explained', () => {
  it('with its hint, and without its stack unless asked', () => {
    const error = failure('STORE_DISK_FULL', 'Free disk space.');
    expect(explain(error, false).lines).toEqual(['[ERROR] planted STORE_DISK_FULL', '  Free disk space.']);
    expect(explain(error, true).lines).toHaveLength(3);
  });
});

describe('A failure before any work was started', () => {
  it.each(['STORE_READ_ONLY', 'STORE_PERMISSION', 'STORE_DISK_FULL', 'STORE_TIMEOUT'] as const)(
    'makes the database unusable: %s is 4, with the hint it had',
    async (code) => {
      const thrown = await beforeWork(Promise.reject(failure(code, 'Do this.'))).catch((error: unknown) => error);
      expect(explain(thrown, false)).toEqual({ lines: [`[ERROR] planted ${code}`, '  Do this.'], exitCode: 4 });
      expect(hintOf(thrown)).toBe('Do this.');
    },
  );

  it('is still the lock that another run has', async () => {
    await expect(beforeWork(Promise.reject(failure('STORE_BUSY')))).rejects.toMatchObject({ code: 'STORE_BUSY' });
  });

  it('passes what is no failure of the database', async () => {
    await expect(beforeWork(Promise.reject(new RangeError('boom')))).rejects.toThrow(RangeError);
    expect(await beforeWork(Promise.resolve(7))).toBe(7);
  });
});
