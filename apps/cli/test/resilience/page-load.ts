// node --import tsx --conditions=@ta/source apps/cli/test/resilience/page-load.ts
//   [--connections 500] [--minutes 10] [--writers 20] [--days 4000]
// Asks the page of an embedded database for more than it wants to give, and prints what it took and how long writers waited.
import { parseArgs } from 'node:util';
import { createWorld } from '../kit/world.ts';
import { runCli } from './rig/cli-process.ts';
import { loadPage, MOST_PAGE_MB, takeTurns, type PageCounts } from './rig/page-load.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '10' },
    writers: { type: 'string', default: '20' },
    days: { type: 'string', default: '4000' },
  },
});
/** A refresh waits for no longer than this, milliseconds. */
const LONGEST_WAIT_MS = 5_000;

const connections = Number(values.connections);
const steady = Math.ceil(connections / 50);
const unread = Math.ceil(connections * 0.6);
const world = await createWorld({ engine: 'pglite', days: Number(values.days) });
try {
  const built = await runCli(['refresh', '--all', '--as-of', '2024-06-28', '--log-dir', world.logDir], world.env);
  if (built.code !== 0) throw new Error(`the refresh before ended with ${built.code}: ${built.stderr}`);
  const dir = world.env['DB_DIR'] as string;
  const load = { unread, slow: connections - unread - steady, steady };
  const turns = (counts: PageCounts) => takeTurns(dir, Number(values.writers), Number(values.minutes) * 60_000, counts);
  const { answered, refused, cut, baseMb, mostMb, result } = await loadPage(dir, world.ids[0] as number, load, turns);
  const waits = result.map((ms) => Math.round(ms)).sort((a, b) => a - b);
  console.log(`connections: ${connections} (${unread} read nothing, ${steady} never stop), minutes: ${values.minutes}`);
  console.log(`answered: ${answered}; refused: ${refused}; cut: ${cut}`);
  console.log(`memory, MB: ${baseMb ?? '?'} after the first answer, ${mostMb ?? '?'} at most`);
  console.log(`waits of ${waits.length} writers, ms: median ${waits[waits.length >> 1]}, most ${waits.at(-1)}`);
  if ((mostMb ?? 0) > MOST_PAGE_MB || (waits.at(-1) ?? 0) > LONGEST_WAIT_MS) process.exitCode = 1;
} finally {
  await world.drop();
}
