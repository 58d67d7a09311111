import type { Cell, Row, Rows } from '../rows.ts';

/** Values that a row must have, by column. */
export type Prediction = Readonly<Record<string, Cell>>;

/** One allowed difference between the reference and us, with the reason it is allowed. */
interface DepartureText {
  /** Unique name, a short tag first: `D11 counts of cal_iso`. */
  readonly name: string;
  /** The page of the rule that our side follows. */
  readonly rule: string;
  /** What the reference does and what we do. */
  readonly why: string;
  readonly tables: readonly string[];
}

/** Cells that may differ, with a formula for the reference's value: any other value there is a difference. */
export interface CellDeparture extends DepartureText {
  readonly kind: 'cell';
  readonly columns: readonly string[];
  /** The reference's values for this row of ours, or null where the departure does not apply. */
  predict(ours: Row, table: string): Prediction | null;
}

/**
 * Columns that the reference never fills the way we do. They are checked in every row nevertheless, but a row that differs only
 * in them counts as equal, since this difference is the same in every row.
 */
export interface ColumnDeparture extends DepartureText {
  readonly kind: 'column';
  readonly columns: readonly string[];
  /** What the reference must have in these columns. */
  predict(ours: Row, table: string): Prediction;
}

/** Rows that only one side has. */
export interface RowDeparture extends DepartureText {
  readonly kind: 'row';
  readonly side: 'ours' | 'reference';
  applies(row: Row, table: string): boolean;
}

/**
 * Rows that differ because the reference worked from other input. The twin is what our own cores make of the reference's input:
 * a row of the reference must equal its twin (other departures allowed). A row of ours for one of these ids may be missing from
 * the reference when it is missing from the twin.
 */
export interface InputDeparture extends DepartureText {
  readonly kind: 'input';
  readonly ids: readonly number[];
  twin(table: string): Rows;
}

/** An allowed difference of any kind. */
export type Departure = CellDeparture | ColumnDeparture | RowDeparture | InputDeparture;
