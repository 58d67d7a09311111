/** What the tests use of polars, whose own types are not installed with the workspace. */
export interface PolarsSeries {
  readonly dtype: unknown;
  cast(type: unknown): PolarsSeries;
  toArray(): unknown[];
  ewmMean(options: object): PolarsSeries;
}
export interface PolarsFrame {
  readonly height: number;
  getColumn(name: string): PolarsSeries;
  slice(offset: number, length: number): PolarsFrame;
  groupByDynamic(options: object): { agg(...columns: PolarsExpression[]): PolarsFrame };
  rows(): unknown[][];
  join(other: PolarsFrame, how: Readonly<Record<string, unknown>>): PolarsFrame;
}
/** An expression over a column. */
export interface PolarsExpression {
  first(): PolarsExpression;
  last(): PolarsExpression;
  max(): PolarsExpression;
  min(): PolarsExpression;
  sum(): PolarsExpression;
  count(): PolarsExpression;
  alias(name: string): PolarsExpression;
}
export interface Polars {
  DataFrame(columns: Readonly<Record<string, unknown[]>>): PolarsFrame;
  col(name: string): PolarsExpression;
  readonly Int64: unknown;
  Series(name: string, values: readonly (number | null)[]): PolarsSeries;
  readParquet(file: string): PolarsFrame;
  readCSV(file: string, options: { tryParseDates: boolean }): PolarsFrame;
  scanIPC(file: string): { collectSync(): PolarsFrame };
}

export const NO_PANDAS: string;
export const NO_POLARS: string;
export function installedPandas(): string | null;
export function loadPolars(): Polars | null;
export function installPeers(): string[];
