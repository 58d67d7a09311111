import type { Found } from '../finding.ts';
import { foundAt } from '../sql/found-rows.ts';
import type { BarPlace, EmaPlace } from './place.ts';

/** A stored column beside the recomputed one; rows of the two are paired by the caller. */
export interface ColumnPair {
  readonly column: string;
  /** Whether the stored value of row `row` is what was computed at `at`. */
  isSame(row: number, at: number): boolean;
  /** Sets `differs[row]` to 1 for each row whose value is not the one computed at `at[row]`; rows with `at` −1 are left out. */
  mark(at: Int32Array, differs: Uint8Array): void;
  /** Both values as the operator reads them. */
  shown(row: number, at: number): { readonly stored: unknown; readonly recomputed: unknown };
}

/** How a number is compared and shown. */
export interface NumberPairOptions {
  /** Largest relative difference; 0 demands equality. */
  readonly relTolerance?: number;
  /** Value of the recomputed column that means NULL, besides NaN. */
  readonly nullIf?: number;
  /** Added to the recomputed value. */
  readonly plus?: number;
  readonly show?: (value: number) => unknown;
}

type Numbers = Float64Array | Int32Array | Uint8Array;

/** A pair of number columns; NaN is NULL on both sides, and −0 is 0. */
export function numberPair(
  column: string,
  stored: Float64Array,
  recomputed: Numbers,
  { relTolerance = 0, nullIf = NaN, plus = 0, show = (value) => value }: NumberPairOptions = {},
): ColumnPair {
  const valueAt = (at: number) => (recomputed[at] === nullIf ? NaN : recomputed[at] + plus);
  const isSame = (row: number, at: number) => {
    const a = stored[row];
    const b = valueAt(at);
    if (a === b || (a !== a && b !== b)) return true;
    // an infinite value is within no tolerance
    const largest = Math.max(Math.abs(a), Math.abs(b));
    return largest < Infinity && Math.abs(a - b) <= relTolerance * largest;
  };
  return {
    column,
    isSame,
    mark(at, differs) {
      for (let row = 0; row < at.length; row++) {
        const i = at[row];
        if (i < 0) continue;
        const a = stored[row];
        const b = recomputed[i];
        // nearly all values are equal or missing on both sides; only the others are compared in detail
        if (plus === 0 && b !== nullIf && (a === b || (a !== a && b !== b))) continue;
        if (!isSame(row, i)) differs[row] = 1;
      }
    },
    shown: (row, at) => ({ stored: shownOrNull(stored[row], show), recomputed: shownOrNull(valueAt(at), show) }),
  };
}

/** A pair of text columns, the stored one as codes. */
export function textPair(
  column: string,
  stored: { readonly codes: Int32Array; readonly labels: readonly string[] },
  recomputed: readonly (string | null)[],
): ColumnPair {
  const textOf = (row: number) => (stored.codes[row] < 0 ? null : stored.labels[stored.codes[row]]);
  const isSame = (row: number, at: number) => textOf(row) === recomputed[at];
  return {
    column,
    isSame,
    mark(at, differs) {
      for (let row = 0; row < at.length; row++) if (at[row] >= 0 && !isSame(row, at[row])) differs[row] = 1;
    },
    shown: (row, at) => ({ stored: textOf(row), recomputed: recomputed[at] }),
  };
}

function shownOrNull(value: number, show: (value: number) => unknown): unknown {
  return value !== value ? null : show(value);
}

/** Rows that differ from what was computed for them, ascending. */
export function differingRows(pairs: readonly ColumnPair[], at: Int32Array): number[] {
  const differs = new Uint8Array(at.length);
  for (const pair of pairs) pair.mark(at, differs);
  const rows: number[] = [];
  for (let row = 0; row < differs.length; row++) if (differs[row] === 1) rows.push(row);
  return rows;
}

/** Describes how a row differs, from all its pairs. */
export function rowDifference(pairs: readonly ColumnPair[], row: number, at: number) {
  const differing = pairs.filter((pair) => !pair.isSame(row, at));
  const shown = differing.map((pair) => ({ column: pair.column, ...pair.shown(row, at) }));
  const texts = shown.map(
    ({ column, stored, recomputed }) =>
      `${column} is ${String(stored ?? 'NULL')}, recomputed ${String(recomputed ?? 'NULL')}`,
  );
  return {
    columns: Object.fromEntries(shown.map(({ column, stored, recomputed }) => [column, { stored, recomputed }])),
    expected: shown[0]?.recomputed,
    actual: shown[0]?.stored,
    text: texts.join('; '),
  };
}

/** A finding about a row that differs from the recomputed one. */
export function difference(
  job: Pick<BarPlace | EmaPlace, 'asset' | 'table'>,
  place: { readonly tf: string; readonly period?: number; readonly key: string },
  kind: string,
  text: string,
  more: Record<string, unknown> = {},
): Found {
  return foundAt(job.table.table, { id: job.asset.id, ...place }, text, { detail: { kind, ...more } });
}
