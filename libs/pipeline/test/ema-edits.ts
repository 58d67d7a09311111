import { EMA_ROWS_LAYOUT, EMA_TABLES } from '@ta/state-store';
import { barStorageOf } from './bar-edits.ts';

/** Stored EMAs that an edit by hand is about: those of a table that fit everything that is named. */
export interface EmaPlaces {
  /** A table of the contract, such as `cmc_ema_multi_tf`. */
  readonly table: string;
  readonly id?: number;
  readonly tf?: string;
  readonly period?: number;
  /** Condition on the instant, such as `= '2024-05-15 23:59:59.999Z'`. */
  readonly ts?: string;
}

/** Days of a timeframe: flags belong to all periods alike. */
export type EmaDays = Omit<EmaPlaces, 'period'>;

const ROWS = EMA_ROWS_LAYOUT.table;

/**
 * SQL that changes stored values behind the program's back. Only values that are stored can be changed: `d1`, `d2` and their
 * kin are differences of these.
 * @param to the new value as SQL, given that of the old one
 */
export function changedEmas(places: EmaPlaces, column: 'ema' | 'ema_bar', to: (value: string) => string): string {
  return `UPDATE ${ROWS} r SET ${column} = ${withValues(column, places.period, to('v.value'))}
    FROM ema_series s WHERE s.series = r.series AND ${fits(places)}`;
}

/** SQL that changes the flag of days. */
export function changedFlags(days: EmaDays, set: 'roll = true' | 'roll = false' | 'roll = NOT roll'): string {
  return `UPDATE ${ROWS} r SET ${set} FROM ema_series s WHERE s.series = r.series AND ${fits(days)}`;
}

/** SQL that changes how many days a timeframe is said to have. */
export function changedDays(table: string, tf: string, to: (value: string) => string): string {
  return `UPDATE ema_series s SET tf_days = ${to('s.tf_days')} WHERE ${fits({ table, tf })}`;
}

/** SQL that removes EMAs: single ones, a series, or all there is. */
export function removedEmas(places: EmaPlaces): string {
  if (places.period === undefined)
    return `DELETE FROM ${ROWS} r USING ema_series s WHERE s.series = r.series AND ${fits(places)}`;
  return `UPDATE ${ROWS} r SET ${['ema', 'ema_bar'].map((column) => `${column} = ${withValues(column, places.period, 'NULL')}`).join(', ')}
    FROM ema_series s WHERE s.series = r.series AND ${fits(places)}`;
}

/** SQL that stores days of a timeframe twice, in spite of the key. */
export function doubledEmas(days: EmaDays): string[] {
  return [
    `ALTER TABLE ${ROWS} DROP CONSTRAINT ${ROWS}_pkey`,
    `INSERT INTO ${ROWS} SELECT r.* FROM ${ROWS} r JOIN ema_series s ON s.series = r.series WHERE ${fits(days)}`,
  ];
}

/** The table that holds the rows of a table of the contract: what a lock, a trigger or a rename is about. */
export function storageOf(table: string): string {
  return isOfEmas(table) ? ROWS : (barStorageOf(table) ?? table);
}

/** An action on rows as they are inserted. */
export interface InsertTrigger {
  /** Of the trigger and of its function. */
  readonly name: string;
  /** Condition on the row `NEW`. */
  readonly when: string;
  /** What is done, in PL/pgSQL, for instance `RAISE EXCEPTION 'malformed row'`. */
  readonly action: string;
}

/** SQL that does something as rows of a table are inserted; `DROP FUNCTION name CASCADE` takes it away. */
export function insertTrigger(table: string, { name, when, action }: InsertTrigger): string[] {
  const isOfTable = isOfEmas(table)
    ? `EXISTS (SELECT 1 FROM ema_series s WHERE s.series = NEW.series AND ${fits({ table })})`
    : 'true';
  return [
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN IF ${when} AND ${isOfTable} THEN ${action}; END IF; RETURN NEW; END $$`,
    `CREATE TRIGGER ${name} BEFORE INSERT ON ${storageOf(table)} FOR EACH ROW EXECUTE FUNCTION ${name}()`,
  ];
}

function isOfEmas(table: string): boolean {
  return table === UNION || Object.values(EMA_TABLES).some((facts) => facts.table === table);
}

const UNION = 'cmc_ema_multi_tf_u';

/** The array of a packed row with other values in the places of a period, or in all. */
function withValues(column: string, period: number | undefined, value: string): string {
  const chosen =
    period === undefined ? value : `CASE WHEN s.periods[v.place] = ${period} THEN ${value} ELSE v.value END`;
  return `(SELECT array_agg(${chosen} ORDER BY v.place) FROM unnest(r.${column}) WITH ORDINALITY v (value, place))`;
}

function fits({ table, id, tf, period, ts }: EmaPlaces): string {
  const source = Object.values(EMA_TABLES).find((facts) => facts.table === table)?.source;
  if (source === undefined && table !== UNION) throw new Error(`${table} holds no EMAs`);
  const conditions = [
    ...(source === undefined ? [] : [`s.alignment_source = '${source}'`]),
    ...(id === undefined ? [] : [`r.id = ${id}`]),
    ...(tf === undefined ? [] : [`s.tf = '${tf}'`]),
    ...(period === undefined ? [] : [`r.ema[array_position(s.periods, ${period})] IS NOT NULL`]),
    ...(ts === undefined ? [] : [`r.ts ${ts}`]),
  ];
  return conditions.join(' AND ') || 'true';
}
