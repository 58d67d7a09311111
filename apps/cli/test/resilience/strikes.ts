// node tools/bin/with-postgres.mjs node --import tsx --conditions=@ta/source apps/cli/test/resilience/strikes.ts [--times 200] [--busy 8]
// Strikes refreshes with SIGTERM and SIGINT in turns, from their summary to the end of the process, beside so many busy
// processes. Prints how they ended; the exit code is 1 when one did not end with the code of its result.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runCli, startCli, struckAfterSummary } from './rig/cli-process.ts';
import { postgresArena } from './rig/postgres-arena.ts';
import { REFRESH } from './rig/small-world.ts';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '200' }, busy: { type: 'string', default: '8' } },
});
const times = Number(values.times);
const arena = await postgresArena(process.env['TEST_DATABASE_URL'] as string, ['build']);
const place = await arena.place('build');
await runCli([...REFRESH, ...place.args], place.env);
const busy = Array.from({ length: Number(values.busy) }, () => spawn(process.execPath, ['-e', 'for (;;);']));
const ends = new Map<string, number>();
try {
  for (let i = 0; i < times; i++) {
    const run = startCli([...REFRESH, ...place.args], place.env);
    const end = await struckAfterSummary(run, i % 2 === 0 ? 'SIGTERM' : 'SIGINT');
    const how = String(end.signal ?? end.code);
    ends.set(how, (ends.get(how) ?? 0) + 1);
  }
} finally {
  for (const child of busy) child.kill('SIGKILL');
}
const runs = await place.inspect((session) =>
  session.query<{ status: string; n: number }>('SELECT status, count(*) AS n FROM ops_runs GROUP BY 1 ORDER BY 1'),
);
await place.drop();
await arena.close();
const told = [...ends].map(([how, n]) => `${how}: ${n}`).join(', ');
console.log(`${times} refreshes struck after their summary beside ${busy.length} busy processes ended with ${told}`);
console.log(`run history: ${runs.map(({ status, n }) => `${n} ${status}`).join(', ')}`);
if (ends.get('0') !== times || runs.length !== 1) process.exitCode = 1;
