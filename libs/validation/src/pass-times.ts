/**
 * Time that passes over the rows take which several checks share: it belongs to the check whose work the pass is, not to
 * the one that happened to ask first.
 */
export class PassTimes {
  private readonly monotonicMs: () => number;
  private readonly passes = new Map<string, { active: number; sinceMs: number; spentMs: number }>();

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /** Runs a pass, or a part of one; parts side by side count once. @param owner id of the check whose work it is */
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
   * Takes out what was spent since the last call.
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
 * @returns what a check took, given how long it ran and the passes on the way
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
