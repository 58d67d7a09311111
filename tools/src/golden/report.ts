import type { TableComparison, Unexplained } from './compare-table.ts';
import type { Departure } from './departures/departure.ts';
import { kindOf } from './golden-columns.ts';
import { OUTPUT_TABLES } from './golden-tables.ts';
import { markdownTable } from './markdown-table.ts';
import type { Cell } from './rows.ts';

/** The findings as Markdown that is also readable as plain text: all tables, each table's departures, then their explanations. */
export function goldenReport(comparisons: readonly TableComparison[], departures: readonly Departure[]): string {
  const outputs = new Set(OUTPUT_TABLES.map(({ name }) => name));
  const sections = [
    '### Output tables',
    countsTable(comparisons.filter(({ name }) => outputs.has(name))),
    '### Rejects, states and alphas',
    countsTable(comparisons.filter(({ name }) => !outputs.has(name))),
    '### Rows by departure',
    usesTable(comparisons),
    '### What the departures are',
    departures.map(({ name, rule, why }) => `- **${name}** (${rule}): ${why}`).join('\n'),
  ];
  return sections.join('\n\n');
}

function countsTable(comparisons: readonly TableComparison[]): string {
  const header = [
    'table',
    'reference',
    'ours',
    'equal',
    'share',
    'last bits',
    'excused',
    'only ours',
    'only reference',
  ];
  const rows = comparisons.map((found) => [
    `\`${found.name}\``,
    count(found.referenceRows),
    count(found.ourRows),
    count(found.equal),
    share(found.equal, found.referenceRows),
    count(found.close),
    count(found.excused),
    count(found.excusedOurs),
    count(found.excusedReference),
    count(found.unexplained),
  ]);
  return markdownTable([...header, 'unexplained'], rows);
}

function usesTable(comparisons: readonly TableComparison[]): string {
  const rows = comparisons.flatMap(({ name, uses, aloneUses, referenceRows }) =>
    [...uses].map(([departure, used]) => [
      `\`${name}\``,
      departure,
      count(used),
      share(used, referenceRows),
      count(aloneUses.get(departure) ?? 0),
    ]),
  );
  return markdownTable(['table', 'departure', 'rows', 'share', 'alone'], rows, 2);
}

function count(value: number): string {
  return String(value);
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** The problems: unexplained differences with their first examples, and unused departures. Empty if there are none. */
export function problemLines(comparisons: readonly TableComparison[], unused: readonly string[]): string[] {
  const differences = comparisons.flatMap(({ name, unexplained, samples }) =>
    unexplained === 0
      ? []
      : [
          `${name}: ${unexplained} unexplained, the first ${samples.length}:`,
          ...samples.map((sample) => `  ${sampleText(sample)}`),
        ],
  );
  return [...differences, ...unused.map((departure) => `departure without use: ${departure}`)];
}

const SAMPLE_TEXTS: Readonly<Record<Unexplained['kind'], string>> = {
  cells: 'differs',
  own: 'is not what our own formulas say',
  ours: 'only ours',
  reference: 'only reference',
};

function sampleText({ kind, key, cells }: Unexplained): string {
  const shown = cells.map(
    ({ column, ours, reference }) => `${column} ${cellText(column, ours)} ≠ ${cellText(column, reference)}`,
  );
  return [`${keyWithDates(key)} ${SAMPLE_TEXTS[kind]}`, ...shown].join('; ');
}

function cellText(column: string, cell: Cell): string {
  if (cell === null || Number.isNaN(cell)) return 'null';
  return kindOf(column) === 'instant' ? new Date(cell as number).toISOString() : String(cell);
}

/** A key with readable instants: numbers of 12 or 13 digits, which can only be epoch ms, become ISO text. */
function keyWithDates(key: string): string {
  return key.replaceAll(/\b\d{12,13}\b/g, (instant) => new Date(Number(instant)).toISOString());
}
