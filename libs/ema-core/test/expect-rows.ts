import { expect } from 'vitest';
import type { CalendarRows, VariantRows } from '../src/variants/variant-rows.ts';

/** One line of a table of expected rows; columns that are left out are not compared. */
export interface ExpectedRow {
  readonly row: number;
  readonly roll: 0 | 1;
  readonly ema: number;
  readonly d1?: number | null;
  readonly d2?: number | null;
  readonly d1Roll?: number | null;
  readonly d2Roll?: number | null;
  readonly emaBar?: number;
  readonly d1Bar?: number | null;
  readonly d2Bar?: number | null;
  readonly d1RollBar?: number | null;
  readonly d2RollBar?: number | null;
}

/** Compares the given lines, printed with six decimals, with the rows of the same days. */
export function expectRows(rows: VariantRows | CalendarRows, expected: readonly ExpectedRow[]): void {
  const columns = rows as unknown as Record<string, ArrayLike<number>>;
  for (const line of expected) {
    const at = rows.row.indexOf(line.row);
    expect(at, `a row for day ${line.row}`).toBeGreaterThanOrEqual(0);
    for (const [name, value] of Object.entries(line)) {
      const found = columns[name][at];
      const label = `${name} of day ${line.row}`;
      if (value === null) expect(found, label).toBeNaN();
      else expect(found, label).toBeCloseTo(value as number, 6);
    }
  }
}
