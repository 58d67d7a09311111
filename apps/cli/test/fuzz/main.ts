// node --import tsx --conditions=@ta/source apps/cli/test/fuzz/main.ts [--cases 100000] [--seed 1] [--only NAME,NAME]
// Feeds seeded, made-up input of the right shape with something odd in it to everything that takes input from people.
// The exit code is 1 when a case is not as it must be; it is printed in its smallest form with its seed.
import { parseArgs } from 'node:util';
import { playTarget, type TargetFigures } from './fuzz-target.ts';
import { FUZZ_TARGETS } from './targets/index.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
const only = values.only?.split(',');
const targets = FUZZ_TARGETS.filter(({ name }) => only === undefined || only.some((part) => name.includes(part)));
const figures: TargetFigures[] = [];
for (const target of targets) {
  const played = await playTarget(target, Math.ceil((cases * target.share) / 1000), seed);
  figures.push(played);
  console.error(`${played.name}: ${played.cases} cases in ${played.seconds.toFixed(1)} s`);
  if (played.failure !== null) console.error(`[FAILED] ${played.name}, seed ${seed}: ${played.failure}\n`);
}

const VERDICTS = ['accepted', 'refused', 'healed', 'stopped', 'found'] as const;
const heads = ['input', 'seed', 'cases', ...VERDICTS, 'failures', 'seconds'];
console.log(`\n| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|`);
for (const { name, cases: played, verdicts, seconds, failure } of figures) {
  const counts = VERDICTS.map((verdict) => verdicts[verdict]);
  console.log(`| ${[name, seed, played, ...counts, failure === null ? 0 : 1, seconds.toFixed(1)].join(' | ')} |`);
}
console.log(`\n${figures.reduce((sum, { cases: played }) => sum + played, 0)} cases`);
if (figures.some(({ failure }) => failure !== null)) process.exitCode = 1;
