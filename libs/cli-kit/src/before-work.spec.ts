import { describe, expect, it } from 'vitest';
import { beforeWork } from './before-work.ts';
import { failureLines } from './failure-lines.ts';

/** A failure of the store. */
const failure = (code: string, hint?: string) => Object.assign(new Error(`planted ${code}`), { code, hint });

describe('A failure before any work was started', () => {
  it.each([...['STORE_READ_ONLY', 'STORE_PERMISSION', 'STORE_DISK_FULL', 'STORE_TIMEOUT', 'STORE_CONNECTION_LOST']])(
    'makes the database unusable: %s is 4, with the hint it had',
    async (code) => {
      const thrown = await beforeWork(Promise.reject(failure(code, 'Do this.'))).catch((error: unknown) => error);
      expect(failureLines(thrown, false)).toEqual({ lines: [`[ERROR] planted ${code}`, '  Do this.'], exitCode: 4 });
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
