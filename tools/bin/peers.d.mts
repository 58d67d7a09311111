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
  join(other: PolarsFrame, how: Readonly<Record<string, unknown>>): PolarsFrame;
}
export interface Polars {
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
