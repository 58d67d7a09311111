import type { Builder, Component, EmaSource, Refresher } from '../components.ts';
import type { RunSettings } from '../run-settings.ts';

/** The part of a request that decides what has to be done. */
export interface PlanRequest {
  readonly components: readonly Component[];
  readonly builders: readonly Builder[];
  readonly refreshers: readonly Refresher[];
  /** Restricts the EMA tables of the refreshers, e.g. to one scheme; absent for all of them. */
  readonly emaTables?: ReadonlySet<EmaSource['table']>;
  readonly settings: RunSettings;
  /** Ids that the resumed run has finished: work forced by a full rebuild or by days of EMAs is not forced again for them. */
  readonly finished?: Readonly<Partial<Record<Component, ReadonlySet<number>>>>;
}
