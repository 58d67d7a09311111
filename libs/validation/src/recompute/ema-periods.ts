import { quoteLiteral } from '@ta/state-store';
import { allRows } from '../sql/json-rows.ts';
import type { EmaPlace } from './place.ts';

/**
 * The periods an asset's EMA table was computed for: the list that most of its states have, or the periods of a run when there
 * is no state or that list is not ascending and complete.
 */
export async function periodsOf({ context, session, asset, table }: EmaPlace): Promise<readonly number[]> {
  const [row] = await allRows(
    session,
    `SELECT mode() WITHIN GROUP (ORDER BY periods) AS periods FROM cmc_ema_state
     WHERE id = ${asset.id} AND alignment_source = ${quoteLiteral(table.source)}`,
  );
  const periods = (row?.['periods'] ?? []) as (number | null)[];
  const isList = periods.length > 0 && periods.every((period, i) => period !== null && period > (periods[i - 1] ?? 0));
  return isList ? (periods as number[]) : context.periods;
}
