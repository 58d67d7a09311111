import { BAR_ROWS, BAR_TABLES } from '@ta/state-store';

/** Stored multi-day bars that an edit by hand is about: those of a table that fit everything that is named. */
export interface BarPlaces {
  /** A table of the contract, such as `cmc_price_bars_multi_tf`. */
  readonly table: string;
  readonly id?: number;
  readonly tf?: string;
  /** Condition on the stored row `r`, such as `r.bar_seq = 5`. */
  readonly where?: string;
}

/**
 * SQL that changes stored values behind the program's back. Only values that are stored can be changed: all others are said by the
 * views.
 * @param set of columns of `bar_rows`, `r` being the row
 */
export function changedBars(places: BarPlaces, set: string): string {
  return `UPDATE ${BAR_ROWS} r SET ${set} FROM bar_series s WHERE s.series = r.series AND ${fits(places)}`;
}

/** SQL that stores bars twice; there must be no key. */
export function doubledBars(places: BarPlaces): string {
  return `INSERT INTO ${BAR_ROWS} SELECT r.* FROM ${BAR_ROWS} r JOIN bar_series s ON s.series = r.series WHERE ${fits(places)}`;
}

/** The table with the stored rows of a table of the contract, or of all of them; null when the table has no multi-day bars. */
export function barStorageOf(table: string): string | null {
  if (table === 'cmc_price_bars_multi_tf_u') return BAR_ROWS;
  return Object.values(BAR_TABLES).find((facts) => facts.table === table)?.rows.table ?? null;
}

function fits({ table, id, tf, where }: BarPlaces): string {
  const source = Object.values(BAR_TABLES).find((facts) => facts.table === table)?.source;
  if (source === undefined) throw new Error(`${table} holds no multi-day bars`);
  return [
    `s.alignment_source = '${source}'`,
    ...(id === undefined ? [] : [`r.id = ${id}`]),
    ...(tf === undefined ? [] : [`s.tf = '${tf}'`]),
    ...(where === undefined ? [] : [where]),
  ].join(' AND ');
}
