// node --import tsx --conditions=@ta/source apps/cli/test/resilience/chaos.ts [--failovers 20] [--seed 1]
// Failovers to a promoted standby in mid-run, at random moments; afterwards every table must equal an
// undisturbed build and the validator find nothing. Prints the figures as Markdown; the exit code is 1 when anything differed.
import { parseArgs } from 'node:util';
import { failoverGround, failOver } from './rig/failover.ts';
import { seededRandom } from './rig/random.ts';
import { LARGER_WORLD } from './rig/small-world.ts';

const { values } = parseArgs({
  options: { failovers: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});
const random = seededRandom(Number(values.seed));
const ground = await failoverGround(['build', 'daily'], LARGER_WORLD);
console.log(`PostgreSQL ${ground.version}, seed ${values.seed}; undisturbed: ${JSON.stringify(ground.busySeconds)} s`);
const phases = { start: 0, bars: 0, emas: 0, done: 0 };
const codes = new Map<string, number>();
let [survived, failed] = [0, 0];
for (let trial = 0; trial < Number(values.failovers); trial++) {
  const [scenario, at] = [trial % 2 === 0 ? 'build' : 'daily', random()] as const;
  const mode = random() < 0.5 ? 'crash' : 'immediate';
  const result = await failOver(ground, scenario, at, mode);
  phases[result.phase]++;
  codes.set(String(result.exitCode), (codes.get(String(result.exitCode)) ?? 0) + 1);
  if (result.survived) survived++;
  if (result.faults.length === 0) continue;
  failed++;
  console.log(`[FAILED] ${scenario}, ${mode} at ${at.toFixed(3)}: ${result.faults.slice(0, 5).join('; ')}`);
}
await ground.close();
console.log('\n| failovers | in start / bars / EMAs / summary | went on by themselves | exit codes | differing |');
console.log('|---|---|---|---|---|');
const where = `${phases.start} / ${phases.bars} / ${phases.emas} / ${phases.done}`;
const ended = [...codes].map(([code, n]) => `${code}: ${n}`).join(', ');
console.log(`| ${values.failovers} | ${where} | ${survived} | ${ended} | ${failed} |`);
if (failed > 0) process.exitCode = 1;
