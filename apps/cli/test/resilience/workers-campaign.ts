// node --import tsx --conditions=@ta/source apps/cli/test/resilience/workers-campaign.ts
//   [--assets 100] [--days 150] [--kills 50] [--cuts 20] [--freezes 6] [--speed] [--seed 1] [--verbose]
// Builds many assets by four workers on two hosts (network namespaces), kills and freezes workers and cuts cables at
// random moments, and compares what is stored with a build by one process. With --speed it then times builds in peace.
import { parseArgs } from 'node:util';
import { startPostgres } from '@ta/tools';
import { cliCommand } from './rig/cli-process.ts';
import { manyAssetsArena } from './rig/many-assets.ts';
import { canMakeHosts, makeHost, type NetworkHost } from './rig/namespaces.ts';
import { seededRandom } from './rig/random.ts';
import { buildAlone, buildByWorkers, type Strikes } from './rig/workers-trial.ts';
import { speedTable } from './rig/workers-speed.ts';

const { values } = parseArgs({
  options: {
    assets: { type: 'string', default: '100' },
    days: { type: 'string', default: '150' },
    kills: { type: 'string', default: '50' },
    cuts: { type: 'string', default: '20' },
    freezes: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    speed: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const [assets, days, seed] = [values.assets, values.days, values.seed].map(Number) as [number, number, number];
const wanted = { kills: Number(values.kills), cuts: Number(values.cuts), freezes: Number(values.freezes) };
const KINDS = [
  ['kills', 'kill -9 of a worker'],
  ['cuts', 'network of a host cut'],
  ['freezes', 'worker frozen, then awake'],
] as const;
const isStruck = KINDS.some(([kind]) => wanted[kind] > 0);

if (isStruck && !(await canMakeHosts())) {
  console.error('[ERROR] Network namespaces need the superuser on Linux, with iproute2.');
  process.exit(4);
}
const server = await startPostgres({
  settings: { fsync: 'off', listen_addresses: '*' },
  files: { 'pg_hba.conf': 'host all all 127.0.0.0/8 scram-sha-256\nhost all all 10.213.0.0/16 scram-sha-256\n' },
});
const hosts: NetworkHost[] = [];
const faults: string[] = [];
try {
  const arena = await manyAssetsArena(server.url, assets, days);
  console.log(`command: node ${cliCommand().join(' ')}; ${assets} assets of ${days} days; seed ${seed}`);
  const { built, seconds } = await buildAlone(arena, 4);
  console.log(`PostgreSQL ${server.version}; one process, 4 side by side: ${seconds.toFixed(1)} s`);
  const total: Strikes = { kills: [], cuts: [], freezes: [] };
  const builds: number[] = [];
  if (isStruck) hosts.push(await makeHost(0, 'quick'), await makeHost(1, 'slow'));
  while (KINDS.some(([kind]) => total[kind].length < wanted[kind])) {
    const left = {
      kills: wanted.kills - total.kills.length,
      cuts: wanted.cuts - total.cuts.length,
      freezes: wanted.freezes - total.freezes.length,
    };
    const trial = await buildByWorkers(arena, built, hosts, { left, random: seededRandom(seed + builds.length) });
    builds.push(trial.seconds);
    for (const [kind] of KINDS) total[kind].push(...trial.strikes[kind]);
    faults.push(...trial.faults);
    const told = `${KINDS.map(([kind]) => `${trial.strikes[kind].length} ${kind}`).join(', ')}, ${trial.seconds.toFixed(1)} s`;
    if (values.verbose) console.log(`build ${builds.length}: ${told} ${trial.faults.join('; ')}`);
  }
  if (builds.length > 0) {
    console.log('\n| strike | how many | with items at work | taken over | seconds until then, median / most |');
    console.log('|---|---|---|---|---|');
    for (const [kind, name] of KINDS) {
      const all = total[kind];
      const hit = all.filter(({ held }) => held > 0).length;
      const after = all.flatMap(({ takenOverAfterS }) => takenOverAfterS).sort((a, b) => a - b);
      const seconds = [after[after.length >> 1], after.at(-1)].map((s) => s?.toFixed(1) ?? '-').join(' / ');
      console.log(`| ${name} | ${all.length} | ${hit} | ${after.length} items | ${seconds} |`);
    }
    const lasting = [...total.cuts, ...total.freezes].map(({ seconds: s }) => s).sort((a, b) => a - b);
    console.log(
      `\n${builds.length} builds by 4 workers on 2 hosts, ${Math.min(...builds).toFixed(1)} to ${Math.max(...builds).toFixed(1)} s; ` +
        `cuts and freezes of ${lasting[0]?.toFixed(1)} to ${lasting.at(-1)?.toFixed(1)} s; builds that differ: ${faults.length === 0 ? 0 : 'see below'}`,
    );
  }
  if (values.speed) console.log(`\n${await speedTable(arena, built)}`);
  await arena.close();
} finally {
  for (const host of hosts) await host.remove();
  await server.stop();
}
for (const fault of faults) console.log(`[FAILED] ${fault}`);
if (faults.length > 0) process.exitCode = 1;
