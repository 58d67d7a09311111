import type { RunLock, TakenLock } from './run-lock.ts';

/**
 * A lock that is taken again when it was lost.
 *
 * @param takeAgain takes the lost lock again, or throws the reason why it cannot
 */
export function renewableLock(first: TakenLock, takeAgain: () => Promise<TakenLock>): RunLock {
  let taken = first;
  let isReleased = false;
  let securing: Promise<boolean> | null = null;
  const secure = async (): Promise<boolean> => {
    if (isReleased || (await taken.isHeld())) return false;
    await taken.release();
    taken = await takeAgain();
    return true;
  };
  return {
    warning: first.warning,
    isHeld: () => taken.isHeld(),
    // concurrent calls share one check
    secure: () => (securing ??= secure().finally(() => (securing = null))),
    async release() {
      isReleased = true;
      await securing?.catch(() => undefined);
      await taken.release();
    },
  };
}
