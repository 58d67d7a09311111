import type { BarTable, EmaTableFacts, Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';

/** An asset in one table, and the session in which its rows are read. */
export interface Place<Table> {
  readonly context: CheckContext;
  readonly session: Session;
  readonly asset: AssetFacts;
  readonly table: Table;
}
/** An asset in a table of multi-day bars. */
export type BarPlace = Place<BarTable>;
/** An asset in an EMA table. */
export type EmaPlace = Place<EmaTableFacts>;
