// node --import tsx --conditions=@ta/source apps/cli/test/resilience/year.ts
//   [--days 365] [--assets 50] [--seed 1] [--faults 0.15]
// A year of daily work on a PostgreSQL server of its own: each day the prices of that day arrive, some are corrected, deleted
// or come twice, and the refresh is run, on some days by the command, which or whose server is then struck. In the end the
// validator must find nothing, and every table must equal one full build of the source.
import { parseArgs } from 'node:util';
import { startPostgres } from '@ta/tools';
import { openYear } from './rig/year.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '365' },
    assets: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '0.15' },
  },
});
const [days, assets, seed, faults] = [values.days, values.assets, values.seed, values.faults].map(Number);
const startedMs = performance.now();
const server = await startPostgres({ settings: { fsync: 'off' } });
try {
  const year = await openYear(server, { assets: assets as number, seed: seed as number, faults: faults as number });
  for (let day = 1; day <= (days as number); day++) {
    await year.live(day);
    if (day % 10 === 0) console.error(`day ${day}, ${seconds()} s, ${JSON.stringify(year.figures)}`);
  }
  const workedSeconds = seconds();
  const { wrong, findings, compared, rows } = await year.judge(days as number);
  console.log(`PostgreSQL ${server.version}, seed ${seed}: ${days} days, ${assets} assets, ${workedSeconds} s of days`);
  console.log(`what happened: ${JSON.stringify(year.figures)}`);
  console.log(`stored rows: ${JSON.stringify(rows)}; tables compared: ${compared}; ${seconds()} s in all`);
  for (const text of [...wrong, ...findings]) console.log(`[FAILED] ${text}`);
  console.log(
    wrong.length + findings.length === 0 ? 'all tables equal one build; the validator finds nothing' : 'FAILED',
  );
  if (wrong.length + findings.length > 0) process.exitCode = 1;
  await year.close();
} finally {
  await server.stop();
}

function seconds(): number {
  return Math.round((performance.now() - startedMs) / 1000);
}
