import type { Prediction } from '../departures/departure.ts';
import type { Row } from '../rows.ts';

/**
 * What our rows must hold, whatever the reference has. It is computed a second time from the golden source, for all columns and
 * rows in which a departure lets the two sides differ, so that a departure never leaves our side unchecked.
 */
export interface OwnExpectation {
  readonly tables: readonly string[];
  /** Expected cells of a row of ours: none when the expectation does not cover the row, null when there should be no such row. */
  expect(ours: Row, table: string): Prediction | null;
}
