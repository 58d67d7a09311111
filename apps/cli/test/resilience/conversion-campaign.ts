// node --import tsx --conditions=@ta/source apps/cli/test/resilience/conversion-campaign.ts --earlier DIR --as-of DAY
//   [--kills 20] [--engine postgres --engine pglite] [--seed 1] ID=FILE…
// A database that an earlier version made of price files is converted by `ta db migrate`, killed at random moments, and compared:
// count and order-free hash of every column of every table and view. DIR is a clone of that version with its command built.
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { startPostgres } from '@ta/tools';
import { runCli, startCli, type CliEnd } from './rig/cli-process.ts';
import { conversionPlaces, type ConversionPlace } from './rig/conversion-places.ts';
import { differingColumns, readColumnHashes, type ColumnHashes } from './rig/column-hashes.ts';
import { seededRandom } from './rig/random.ts';
import { setTimeout as sleep } from 'node:timers/promises';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    earlier: { type: 'string', default: '' },
    'as-of': { type: 'string', default: '' },
    kills: { type: 'string', default: '20' },
    engine: { type: 'string', multiple: true, default: ['postgres', 'pglite'] },
    seed: { type: 'string', default: '1' },
  },
});
/** Most kills on one database before it is left in peace and compared. */
const MOST_IN_A_ROW = 6;
const random = seededRandom(Number(values.seed));
const asOf = ['--as-of', values['as-of']];
const run = promisify(execFile);

for (const engine of values.engine) {
  const server = engine === 'postgres' ? await startPostgres({ settings: { fsync: 'off' } }) : undefined;
  const places = await conversionPlaces(server?.url, buildByEarlier);
  try {
    await campaign(engine, places);
  } finally {
    await places.close();
    await server?.stop();
  }
}

async function buildByEarlier(env: Readonly<Record<string, string>>): Promise<void> {
  const ta = (...args: string[]) =>
    run(process.execPath, ['apps/cli/bin/ta.js', ...args], { cwd: values.earlier, env: { ...process.env, ...env } });
  for (const [id, file] of positionals.map((word) => word.split('='))) {
    await ta('import', 'csv', String(file), '--id', String(id), '--name', `asset ${id}`);
  }
  await ta('refresh', '--all', ...asOf);
}

async function campaign(engine: string, places: Awaited<ReturnType<typeof conversionPlaces>>): Promise<void> {
  const before = await places.template.inspect(readColumnHashes);
  const columns = [...before.values()].reduce((sum, { hashes }) => sum + hashes.size, 0);
  console.log(
    `${engine}: ${before.size} tables and views, ${columns} columns, ${before.get('cmc_ema_multi_tf_u')?.rows} EMAs`,
  );
  const control = await places.place();
  const { seconds } = await finish(control, before);
  console.log(`${engine}: converted in peace in ${seconds.toFixed(1)} s`);
  await checkWork(control);
  await control.drop();
  await contest(engine, await places.place(), before);

  let [kills, compared] = [0, 1];
  while (kills < Number(values.kills)) {
    const place = await places.place();
    const moments: string[] = [];
    for (let i = 0; i < MOST_IN_A_ROW && kills < Number(values.kills); i++) {
      const atMs = random() * seconds * 1000;
      const end = await killed(place, atMs);
      if (end.code === 0) break;
      if (end.signal !== 'SIGKILL') fault(`${engine}: ${told(end)}`);
      kills++;
      moments.push(`${(atMs / 1000).toFixed(1)} s`);
      if (engine === 'postgres' && i === 0)
        tell(`${engine}: half converted`, before, await place.inspect(readColumnHashes));
    }
    await finish(place, before);
    compared++;
    if (kills >= Number(values.kills)) await checkWork(place);
    console.log(`${engine}: killed after ${moments.join(', ') || 'its end'}; compared`);
    await place.drop();
  }
  console.log(`${engine}: ${kills} kills, ${compared} conversions compared`);
}

/** Two at once: either both come to the end, or one is turned away. */
async function contest(engine: string, place: ConversionPlace, before: ColumnHashes): Promise<void> {
  const ends = await Promise.all([0, 1].map(() => runCli(['db', 'migrate', ...place.args], place.env)));
  const codes = ends.map(({ code }) => code).sort();
  if (!['0,0', '0,3'].includes(codes.join())) fault(ends.map(told).join('; '));
  tell('two at once', before, await place.inspect(readColumnHashes));
  console.log(`${engine}: two at once ended with exit codes ${codes.join(' and ')}; compared`);
  await place.drop();
}

async function killed(place: ConversionPlace, atMs: number): Promise<CliEnd> {
  const started = startCli(['db', 'migrate', ...place.args], place.env);
  await Promise.race([sleep(atMs), started.ended]);
  started.kill('SIGKILL');
  return started.ended;
}

async function finish(place: ConversionPlace, before: ColumnHashes): Promise<CliEnd> {
  const end = await runCli(['db', 'migrate', ...place.args], place.env);
  if (end.code !== 0 || end.stderr.includes('damaged')) fault(told(end));
  tell('converted', before, await place.inspect(readColumnHashes));
  return end;
}

/** What is converted is right and goes on: the full validation passes, and a refresh finds nothing to do. */
async function checkWork(place: ConversionPlace): Promise<void> {
  const validation = await startCli(['check', '--profile', 'full', ...asOf], place.env, 'validator').ended;
  const refresh = await runCli(['refresh', '--all', ...asOf, ...place.args], place.env);
  for (const end of [validation, refresh]) {
    if (end.code !== 0) fault(told(end));
    console.log(end.stdout.trim().split('\n').slice(-8).join('\n'));
  }
}

function tell(when: string, before: ColumnHashes, after: ColumnHashes): void {
  for (const column of differingColumns(before, after)) fault(`${when}: ${column}`);
}

function fault(text: string): void {
  console.log(`[FAILED] ${text}`);
  process.exitCode = 1;
}

function told(end: CliEnd): string {
  return `exit code ${end.code}, ${end.signal}: ${(end.stdout + end.stderr).trim().split('\n').slice(-5).join(' / ')}`;
}
