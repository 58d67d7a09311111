import type { Builder, Component, EmaSource, Refresher } from '../components.ts';
import type { RunSettings } from '../run-settings.ts';

/** The part of a request that decides what there is to do. */
export interface PlanOrder {
  readonly components: readonly Component[];
  readonly builders: readonly Builder[];
  readonly refreshers: readonly Refresher[];
  /** Restricts the EMA tables of the refreshers, e.g. to one scheme; all of them without. */
  readonly emaTables?: ReadonlySet<EmaSource['table']>;
  readonly settings: RunSettings;
  /** Ids that the run which is resumed has finished: work forced by a full rebuild or by days of EMAs is not forced again. */
  readonly finished?: Readonly<Partial<Record<Component, ReadonlySet<number>>>>;
}
