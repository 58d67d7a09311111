import { describe, expect, it } from 'vitest';
import { EmaError } from './errors.ts';

describe('EmaError', () => {
  it('carries code, hint, context and cause', () => {
    const cause = new Error('below');
    const error = new EmaError('EMA_BAD_INPUT', 'x is empty', { hint: 'load it', context: { x: 0 }, cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'EmaError', code: 'EMA_BAD_INPUT', hint: 'load it', context: { x: 0 }, cause });
  });

  it('needs nothing but code and message', () => {
    const error = new EmaError('EMA_BAD_STATE', 'stale');
    expect(error).toMatchObject({ message: 'stale', hint: undefined, context: {} });
    expect('cause' in error).toBe(false);
  });
});
