// node --import tsx --conditions=@ta/source apps/cli/test/resilience/soak.ts
//   [--kills 200] [--server-kills 40] [--pglite-kills 300] [--pglite-terms 30] [--images 300] [--contenders 20]
//   [--minutes 0] [--seed N] [--verbose]
// Kills refreshes at random moments until that many were hit (or the minutes are over), and prints what came of it. The kills
// of `--pglite-kills` are all of them `kill -9`.
import { parseArgs } from 'node:util';
import { startPostgres } from '@ta/tools';
import { failureText, runCampaign, type CampaignFigures, type CampaignPlan } from './rig/campaign.ts';
import { cliCommand } from './rig/cli-process.ts';
import { contest } from './rig/contest.ts';
import { cutImages, recordWork, type ImageFigures } from './rig/crash/crash-images.ts';
import { pgliteArena } from './rig/pglite-arena.ts';
import { postgresArena } from './rig/postgres-arena.ts';
import { LARGER_WORLD, SCENARIOS } from './rig/small-world.ts';
import type { TrialResult } from './rig/strike.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    'server-kills': { type: 'string', default: '40' },
    'pglite-kills': { type: 'string', default: '300' },
    'pglite-terms': { type: 'string', default: '30' },
    images: { type: 'string', default: '300' },
    contenders: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
});

/** Cuts through one record: another record has other work in it. */
const IMAGES_OF_A_RECORD = 50;

const minutes = Number(values.minutes);
const plan: Omit<CampaignPlan, 'strikes' | 'kinds'> = {
  scenarios: SCENARIOS,
  mostInARow: 2,
  seed: Number(values.seed),
  signal: minutes > 0 ? AbortSignal.timeout(minutes * 60_000) : undefined,
  told: values.verbose ? tell : undefined,
};
const figures: [string, CampaignFigures][] = [];
console.log(`command: node ${cliCommand().join(' ')}; seed ${values.seed}`);

const [kills, serverKills, pgliteKills, pgliteTerms] = [
  ...[values.kills, values['server-kills'], values['pglite-kills'], values['pglite-terms']],
].map(Number);
if (kills + serverKills > 0) {
  const server = await startPostgres({ settings: { fsync: 'off' } });
  const arena = await postgresArena(server.url, SCENARIOS, LARGER_WORLD);
  console.log(`PostgreSQL ${server.version}; undisturbed: ${JSON.stringify(arena.busySeconds)} s`);
  await campaign('PostgreSQL, kill -9 and SIGTERM', arena, {
    ...plan,
    strikes: kills,
    kinds: ['kill', 'kill', 'kill', 'terminate'],
  });
  const serverPlan = { ...plan, strikes: serverKills, kinds: ['server', 'server', 'both'], server } as const;
  await campaign('PostgreSQL, server stopped with -m immediate', arena, serverPlan);
  if (Number(values.contenders) > 0) {
    const { worked, turnedAway, faults } = await contest(arena, Number(values.contenders));
    console.log(
      `started together: ${values.contenders}; worked: ${worked}; exit code 3: ${turnedAway}; ${faults.join('; ')}`,
    );
    if (worked !== 1 || turnedAway !== Number(values.contenders) - 1 || faults.length > 0) process.exitCode = 1;
  }
  await arena.close();
  await server.stop();
}
if (pgliteKills + pgliteTerms > 0) {
  const arena = await pgliteArena(SCENARIOS, LARGER_WORLD);
  console.log(`PGlite; undisturbed: ${JSON.stringify(arena.busySeconds)} s`);
  // a copy of a folder takes longer than to strike it once more
  const often = { ...plan, mostInARow: 4 };
  await campaign('PGlite on disk, kill -9', arena, { ...often, strikes: pgliteKills, kinds: ['kill'] });
  await campaign('PGlite on disk, SIGTERM', arena, { ...often, strikes: pgliteTerms, kinds: ['terminate'] });
  await arena.close();
}

const images: ImageFigures[] = [];
for (
  let left = Number(values.images), seed = plan.seed;
  left > 0 && plan.signal?.aborted !== true;
  left -= IMAGES_OF_A_RECORD, seed++
) {
  const part = await cutImages(await recordWork(40, seed), { images: Math.min(left, IMAGES_OF_A_RECORD), seed });
  images.push(part);
  console.log(`images of a power cut, seed ${seed}: ${JSON.stringify(part)}`);
  for (const fault of part.faults) console.log(`[FAILED] PGlite after a power cut, seed ${seed}: ${fault}`);
  if (part.faults.length > 0) process.exitCode = 1;
}
const sum = (of: (part: ImageFigures) => number) => images.reduce((total, part) => total + of(part), 0);
console.log(
  `images of a power cut: ${sum((part) => part.images)}, ${sum((part) => part.unfinished)} of them while the database was made; ` +
    `commits recorded: ${sum((part) => part.commits)}; lost or not to be opened: ${sum((part) => part.faults.length)}`,
);

console.log(
  '\n| campaign | strikes | in start / bars / EMAs / summary | too late | runs that survived | commits reported | compared | mismatches |',
);
console.log('|---|---|---|---|---|---|---|---|');
for (const [name, { strikes, phases: p, survived, reported, comparisons, failures }] of figures) {
  const where = `${p.start} / ${p.bars} / ${p.emas} / ${p.summary}`;
  const came = [strikes, where, p.done, survived, reported, comparisons, failures.length];
  console.log(`| ${name} | ${came.join(' | ')} |`);
}
const failures = figures.flatMap(([name, all]) => failureText(all).map((text) => `${name}: ${text}`));
for (const text of failures) console.log(`[FAILED] ${text}`);
if (failures.length > 0) process.exitCode = 1;

async function campaign(name: string, arena: Parameters<typeof runCampaign>[0], wanted: CampaignPlan): Promise<void> {
  if (wanted.strikes > 0) figures.push([name, await runCampaign(arena, wanted)]);
}

function tell({ scenario, strikes, phases, seconds, faults }: TrialResult): void {
  const hits = phases.map((phase, i) => `${strikes[i]?.kind} at ${strikes[i]?.at.toFixed(2)} (${phase})`).join(', ');
  console.log(
    `${scenario}: ${hits}; ${seconds.toFixed(1)} s${faults.length > 0 ? ` FAILED ${faults.join('; ')}` : ''}`,
  );
}
