import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from './measure.ts';

/** One of several ways to do the same work. */
export interface Contender {
  readonly name: string;
  readonly work: () => unknown;
}

/** How often each contender runs. */
export interface Turns {
  readonly turns: number;
  /** Runs at the start of each turn that are not counted: code is compiled again, and memory use settles. */
  readonly warmUps: number;
  /** Runs of each turn that count. */
  readonly measured: number;
}

/**
 * Times contenders in turns, so that a busy minute of the machine affects all of them. Before a turn the garbage of the others is
 * collected; the collection of its own garbage counts as a contender's time.
 * @param now a clock in milliseconds
 * @returns per contender the median of its measured runs, ms
 */
export async function inTurns(
  contenders: readonly Contender[],
  { turns, warmUps, measured }: Turns,
  now = () => performance.now(),
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const { name, work } of contenders) {
      collectGarbage();
      for (let run = 0; run < warmUps + measured; run++) {
        const startedMs = now();
        await work();
        if (run >= warmUps) times.get(name)?.push(now() - startedMs);
      }
    }
  }
  return new Map([...times].map(([name, ms]) => [name, median(ms)]));
}

/** Runs V8's garbage collector, which is exposed only by a flag. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
