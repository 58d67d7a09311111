import { describe, expect, it } from 'vitest';
import { CliError } from './cli-error.ts';
import { failureLines } from './failure-lines.ts';

describe('a failure in words', () => {
  it('carries the hint and the exit code of its own', () => {
    const error = new CliError('CLI_BAD_IDS', 'bad id', { hint: 'try 1' });
    expect(failureLines(error, false)).toStrictEqual({ lines: ['[ERROR] bad id', '  try 1'], exitCode: 2 });
  });

  it.each([
    ['STORE_BUSY', 3],
    ['STORE_UNREACHABLE', 4],
    ['STORE_SCHEMA_MISSING', 4],
    ['VALIDATION_UNKNOWN_CHECK', 2],
    ['BARS_BAD_STATE', 1],
  ])('of code %s ends with exit code %i', (code, exitCode) => {
    expect(failureLines(Object.assign(new Error('x'), { code }), false).exitCode).toBe(exitCode);
  });

  it('shows the stack when asked', () => {
    expect(failureLines(new Error('x'), true).lines.length).toBe(2);
    expect(failureLines('plain text', true).lines).toStrictEqual(['[ERROR] plain text']);
  });
});
