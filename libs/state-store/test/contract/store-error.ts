import { expect } from 'vitest';
import { StoreError } from '../../src/errors.ts';

/** The StoreError that the work throws; fails the test when it throws nothing or something else. */
export async function storeErrorOf(work: () => Promise<unknown>): Promise<StoreError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    return error as StoreError;
  }
  return expect.fail('nothing was thrown');
}
