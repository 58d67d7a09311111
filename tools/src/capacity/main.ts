// npx nx run tools:capacity                      the capacity table, from the figures in measured.json
// npx nx run tools:capacity -- --measure [FILE]  measures them anew on a throw-away server (minutes)
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { capacityText } from './capacity-table.ts';
import { layoutText } from './layout-table.ts';
import type { Measured } from './measured.ts';

const FIGURES = path.join(import.meta.dirname, 'measured.json');
const [flag, file] = process.argv.slice(2);

if (flag === '--measure') {
  const { measureCapacity } = await import('./measure-capacity.ts');
  await measureCapacity(file ?? FIGURES, (line) => process.stderr.write(`${line}\n`));
} else {
  const measured = JSON.parse(readFileSync(FIGURES, 'utf8')) as Measured;
  process.stdout.write(`${capacityText(measured)}\n\n${layoutText(measured)}\n`);
}
