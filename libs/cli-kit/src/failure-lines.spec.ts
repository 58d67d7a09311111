import { describe, expect, it } from 'vitest';
import { CliError } from './cli-error.ts';
import { failureLines, hintOf } from './failure-lines.ts';

describe('a failure in words', () => {
  const failure = (code: string, hint?: string) => Object.assign(new Error(`planted ${code}`), { code, hint });

  it.each([
    ['STORE_BUSY', 3],
    ['STORE_UNREACHABLE', 4],
    ['STORE_AUTHENTICATION', 4],
    ['STORE_TLS', 4],
    ['STORE_TOO_MANY_CONNECTIONS', 4],
    ['STORE_SCHEMA_MISSING', 4],
    ['STORE_SCHEMA_NEWER', 4],
    ['STORE_DATABASE_MISSING', 4],
    ['STORE_CONNECTION_LOST', 4],
    ['STORE_CONFIG', 4],
    ['STORE_LAYOUT', 2],
    ['STORE_READ_ONLY', 1],
    ['STORE_PERMISSION', 1],
    ['STORE_DISK_FULL', 1],
    ['STORE_TIMEOUT', 1],
    ['IMPORT_UNKNOWN_FORMAT', 2],
    ['BARS_BAD_ZONE', 2],
    ['BARS_BAD_STATE', 1],
    ['VALIDATION_UNKNOWN_CHECK', 2],
  ])('of code %s ends with exit code %i', (code, exitCode) => {
    expect(failureLines(failure(code), false).exitCode).toBe(exitCode);
  });

  it('ends with the exit code that a program has of its own for it', () => {
    const own = [['STORE_CONNECTION_LOST', 1]] as const;
    expect(failureLines(failure('STORE_CONNECTION_LOST'), false, own).exitCode).toBe(1);
    expect(failureLines(failure('STORE_UNREACHABLE'), false, own).exitCode).toBe(4);
  });

  it('ends with 1 when nobody foresaw it', () => {
    expect(failureLines(new Error('boom'), false)).toStrictEqual({ lines: ['[ERROR] boom'], exitCode: 1 });
    expect(failureLines('boom', true)).toStrictEqual({ lines: ['[ERROR] boom'], exitCode: 1 });
  });

  it('ends with the exit code that a CliError names', () => {
    const error = new CliError('CLI_BAD_IDS', 'bad id', { hint: 'try 1' });
    expect(failureLines(error, false)).toStrictEqual({ lines: ['[ERROR] bad id', '  try 1'], exitCode: 2 });
    expect(failureLines(new CliError('CLI_X', 'planted', { exitCode: 130 }), false).exitCode).toBe(130);
  });

  it('carries its hint, and its stack when asked', () => {
    const error = failure('STORE_DISK_FULL', 'Free disk space.');
    expect(hintOf(error)).toBe('Free disk space.');
    expect(failureLines(error, false).lines).toEqual(['[ERROR] planted STORE_DISK_FULL', '  Free disk space.']);
    expect(failureLines(error, true).lines).toHaveLength(3);
  });
});
