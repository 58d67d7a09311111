import { writeFile } from 'node:fs/promises';
import { cpus, totalmem, type, release, loadavg } from 'node:os';
import { benchOptions, VERSIONS } from './bench-options.ts';
import { markdown, type BenchReport, type Result } from './report.ts';
import type { Scenario } from './scenario.ts';
import { baselineShape } from './scenarios/baseline-shape.ts';
import { barsCore } from './scenarios/bars-core.ts';
import { cliStart } from './scenarios/cli-start.ts';
import { copyFloor } from './scenarios/copy-floor.ts';
import { dailyJob } from './scenarios/daily-job.ts';
import { emaCore } from './scenarios/ema-core.ts';
import { guideTimes } from './scenarios/guide-times.ts';
import { memory } from './scenarios/memory.ts';
import { noop } from './scenarios/noop.ts';
import { oneDay } from './scenarios/one-day.ts';
import { pgliteFloor } from './scenarios/pglite-floor.ts';
import { validation } from './scenarios/validation.ts';
import { versions } from './scenarios/versions.ts';
import { Workbench } from './workbench.ts';

const SCENARIOS: readonly Scenario[] = [
  copyFloor,
  baselineShape,
  noop,
  oneDay,
  dailyJob,
  guideTimes,
  memory,
  cliStart,
  validation,
  emaCore,
  barsCore,
  pgliteFloor,
];

const HELP = `Usage: node --import tsx --conditions=@ta/source tools/src/bench/main.ts [--quick | --full] [--only a,b] [--json FILE] [--against DIR]

Measures the product on a throw-away PostgreSQL server with made-up prices. The tables go to standard output as Markdown,
then the same as JSON (into FILE with --json). The command must be built (npx nx build cli).

  --quick   small data, about a minute (default)
  --full    the data of docs/performance.md; needs about 20 GB of disk
  --only    some of: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --against adds ${VERSIONS}: this checkout against the one in DIR, both with built commands (npx nx run-many -t bundle)

TEST_PG_BINDIR names the folder of another PostgreSQL (15 to 18).`;

const options = benchOptions(process.argv.slice(2), [...SCENARIOS.map(({ name }) => name), VERSIONS]);
if (options.help) console.log(HELP);
else await runAll();

async function runAll(): Promise<void> {
  const startedMs = performance.now();
  const bench = await Workbench.start((line) => {
    console.error(`[${((performance.now() - startedMs) / 1000).toFixed(1)} s] ${line}`);
  });
  try {
    const results: Result[] = [];
    const { against } = options;
    for (const scenario of [...SCENARIOS, ...(against === undefined ? [] : [versions(against)])]) {
      if (options.only !== undefined && !options.only.includes(scenario.name)) continue;
      bench.note(`scenario ${scenario.name}`);
      results.push(await scenario.run(bench, options.mode));
    }
    await publish({
      mode: options.mode,
      machine: machine(),
      server: { PostgreSQL: bench.serverVersion, ...(await bench.settings()) },
      results,
    });
  } finally {
    await bench.stop();
  }
}

async function publish(report: BenchReport): Promise<void> {
  console.log(markdown(report));
  const json = JSON.stringify(report, null, 2);
  if (options.jsonFile === undefined) console.log(`\n\`\`\`json\n${json}\n\`\`\``);
  else await writeFile(options.jsonFile, `${json}\n`);
}

function machine(): Record<string, string> {
  const [processor] = cpus();
  return {
    processor: `${cpus().length} × ${processor?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    Node: process.version,
    'load at the end': loadavg()
      .map((load) => load.toFixed(1))
      .join(' '),
  };
}
