/** A cell: numbers are shown with three significant digits or as whole numbers with separators. */
export type Cell = string | number;

/** One table of a result. */
export interface ResultTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What a scenario found. */
export interface Result {
  readonly scenario: string;
  /** What was done, in one or two sentences. */
  readonly about: string;
  readonly tables: readonly ResultTable[];
}

/** What was measured and where. */
export interface BenchReport {
  readonly mode: 'quick' | 'full';
  readonly machine: Readonly<Record<string, string>>;
  readonly server: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
}

/** The report as Markdown. */
export function markdown(report: BenchReport): string {
  return [
    `Mode: ${report.mode}.`,
    listOf('Machine', report.machine),
    listOf('Server', report.server),
    ...report.results.map(resultText),
  ].join('\n\n');
}

/** One result as Markdown, heading included. */
export function resultText(result: Result): string {
  return [`### ${result.scenario}`, result.about, ...result.tables.map(tableText)].join('\n\n');
}

/** A number as people read it: `1,234,567`, `12.3`, `0.0456`. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** `12.3 MB`; a megabyte has a million bytes. */
export function megabytes(bytes: number): string {
  return `${numberText(bytes / 1e6)} MB`;
}

function tableText({ caption, columns, rows }: ResultTable): string {
  const line = (cells: readonly Cell[]): string => `| ${cells.map(cellText).join(' | ')} |`;
  const rule = `|${columns.map((_, at) => (at === 0 ? '---' : '---:')).join('|')}|`;
  return [`${caption}\n`, line(columns), rule, ...rows.map(line)].join('\n');
}

function cellText(cell: Cell): string {
  return typeof cell === 'number' ? numberText(cell) : cell;
}

function listOf(title: string, facts: Readonly<Record<string, string>>): string {
  const parts = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return `${title}: ${parts.join(', ')}.`;
}
