/**
 * The time of passes over rows that several checks share. It counts for the check whose work the pass is, not for the one that
 * happened to start it.
 */
export class PassTimes {
  private readonly monotonicMs: () => number;
  private readonly passes = new Map<string, { active: number; sinceMs: number; spentMs: number }>();

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /** Runs a pass, or a part of one; the time of parallel parts counts once. @param owner id of the check whose work it is */
  async during<T>(owner: string, work: () => Promise<T>): Promise<T> {
    const pass = this.passes.get(owner) ?? { active: 0, sinceMs: 0, spentMs: 0 };
    this.passes.set(owner, pass);
    if (pass.active++ === 0) pass.sinceMs = this.monotonicMs();
    try {
      return await work();
    } finally {
      if (--pass.active === 0) pass.spentMs += this.monotonicMs() - pass.sinceMs;
    }
  }

  /**
   * Returns the time spent since the last call.
   * @returns milliseconds by owner
   */
  take(): Map<string, number> {
    const taken = new Map([...this.passes].map(([owner, { spentMs }]) => [owner, spentMs]));
    for (const pass of this.passes.values()) pass.spentMs = 0;
    return taken;
  }
}

/**
 * Moves the time of shared passes to the checks that they belong to, unless these have ended or were not selected.
 * @param ids of the checks, in the order in which they run
 * @returns a function that gives the time of a check from its running time and the passes made meanwhile
 */
export function spendOn(ids: readonly string[]) {
  const moved = new Map<string, number>();
  const left = new Set(ids);
  return (id: string, elapsedMs: number, passes: ReadonlyMap<string, number>): number => {
    left.delete(id);
    const away = [...passes].filter(([owner]) => left.has(owner));
    for (const [owner, ms] of away) moved.set(owner, (moved.get(owner) ?? 0) + ms);
    return elapsedMs - away.reduce((sum, [, ms]) => sum + ms, 0) + (moved.get(id) ?? 0);
  };
}
