import { describe, expect, it } from 'vitest';
import { denoLocks } from './deno-locks.ts';

/** A Deno whose `fcntl` says `answer`, and what it was asked. */
function fakeDeno(answer: number) {
  const asked: unknown[][] = [];
  const fcntl = (...args: readonly unknown[]) => {
    const [fd, command, lock] = args;
    asked.push([fd, command, ...new Int16Array((lock as Uint8Array).buffer)]);
    return answer;
  };
  return { asked, deno: { dlopen: () => ({ symbols: { fcntl } }) } };
}

const WHOLE_FILE = new Array<number>(15).fill(0);

// <fcntl.h> of Linux: F_OFD_SETLK is 37; F_RDLCK 0, F_WRLCK 1, F_UNLCK 2 begin a struct flock of 32 bytes
describe('locks in Deno', () => {
  it('are those of the open file description, on the whole file', () => {
    const { asked, deno } = fakeDeno(0);
    const locks = denoLocks(deno, 'linux');
    expect(locks.tryLock(7)).toBe(true);
    expect(locks.tryLock(7, { shared: true })).toBe(true);
    locks.unlock(7);
    expect(asked).toStrictEqual([
      [7, 37, 1, ...WHOLE_FILE],
      [7, 37, 0, ...WHOLE_FILE],
      [7, 37, 2, ...WHOLE_FILE],
    ]);
  });

  it('are not had while somebody else holds one', () => {
    expect(denoLocks(fakeDeno(-1).deno, 'linux').tryLock(7)).toBe(false);
  });

  it('are refused where Deno and Node would not see each other’s', () => {
    expect(() => denoLocks(fakeDeno(0).deno, 'darwin')).toThrow(expect.objectContaining({ code: 'STORE_CONFIG' }));
  });
});
