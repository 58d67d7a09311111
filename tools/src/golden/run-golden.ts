// Compares our tables with the golden outputs and prints the report. Exit code 0: every difference is accounted for and every
// departure is used; 1: not so; 2: there is no golden set. `--write` puts the report into docs/golden.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { openDatabase } from '@ta/state-store';
import { allDepartures, allExpectations, compareGolden, unusedDepartures } from './compare-golden.ts';
import { withReport } from './golden-document.ts';
import { GOLDEN_DOCUMENT, goldenFolder } from './golden-folder.ts';
import { runGoldenRefresh } from './golden-run.ts';
import { readGoldenWorld } from './golden-world.ts';
import { goldenReport, problemLines } from './report.ts';

const folder = goldenFolder(process.env);
if (!folder.exists) {
  console.error(`There is no golden set in ${folder.path}; TA_SHARED_DIR names the folder that holds "golden".`);
  process.exit(2);
}
const world = await readGoldenWorld(folder.path);
const database = await openDatabase({ engine: 'pglite', dir: null, source: 'golden comparison' });
const { tables } = await runGoldenRefresh(world, database);
const departures = allDepartures(world);
const comparisons = compareGolden(world, tables, departures, allExpectations(world, tables));
const report = goldenReport(comparisons, departures);
const problems = problemLines(comparisons, unusedDepartures(comparisons));
console.log(report);
console.log(problems.length === 0 ? '\nEvery difference is accounted for.' : `\n${problems.join('\n')}`);
if (process.argv.includes('--write')) {
  const document = withReport(readFileSync(GOLDEN_DOCUMENT, 'utf8'), report);
  if (document !== null) writeFileSync(GOLDEN_DOCUMENT, document);
}
process.exitCode = problems.length === 0 ? 0 : 1;
