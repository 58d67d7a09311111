import { startCli, type CliEnd } from './cli-process.ts';
import { faultsOf } from './content.ts';
import { holdTable, waitUntilBlocked } from './hold-table.ts';
import type { PostgresArena } from './postgres-arena.ts';
import { REFRESH } from './small-world.ts';

/** What became of refreshes started together. */
export interface ContestResult {
  /** Runs that did the work, exit code 0. */
  readonly worked: number;
  /** Runs that were told who is at work, exit code 3. */
  readonly turnedAway: number;
  /** What is wrong: empty when all is well. */
  readonly faults: readonly string[];
}

const TURNED_AWAY = /\[ERROR\] Another refresh is running \(run \S+, pid \d+, since \S+Z\)/;

/** Starts refreshes of one database together; the first to get to work is held up until all others have left. */
export async function contest(arena: PostgresArena, contenders: number): Promise<ContestResult> {
  const place = await arena.place('build');
  const table = await holdTable(place.url, 'cmc_price_bars_1d');
  const runs = Array.from({ length: contenders }, () => startCli([...REFRESH, ...place.args], place.env));
  await waitUntilBlocked(place.url);
  await settled(
    runs.map((run) => run.ended),
    contenders - 1,
  );
  await table.end();
  const ends = await Promise.all(runs.map((run) => run.ended));
  const [faults, recorded] = await place.inspect(
    async (session) =>
      [await faultsOf(session, arena.undisturbed), await session.query('SELECT run_id FROM ops_runs')] as const,
  );
  await place.drop();
  const isTurnedAway = ({ code, stderr }: CliEnd) => code === 3 && TURNED_AWAY.test(stderr);
  return {
    worked: ends.filter(({ code }) => code === 0).length,
    turnedAway: ends.filter(isTurnedAway).length,
    faults: recorded.length === 1 ? faults : [...faults, `${recorded.length} runs were recorded`],
  };
}

/** Waits until so many of the promises are settled. */
async function settled(promises: readonly Promise<unknown>[], least: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let count = 0;
    for (const promise of promises) void promise.finally(() => ++count === least && resolve());
  });
}
