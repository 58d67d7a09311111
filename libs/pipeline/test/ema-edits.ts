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

/**
 * SQL that changes stored values behind the program's back. Only values that are stored can be changed: `d1`, `d2` and their
 * kin are differences of these.
 * @param to the new value as SQL, given that of the old one
 */
export function changedEmas(places: EmaPlaces, column: 'ema' | 'ema_bar', to: (value: string) => string): string {
  return `UPDATE ${places.table} SET ${column} = ${to(column)} WHERE ${fits(places)}`;
}

/** SQL that changes the flags of days, for instance `roll = NOT roll`. */
export function changedFlags(days: EmaDays, set: string): string {
  return `UPDATE ${days.table} SET ${set} WHERE ${fits(days)}`;
}

/** SQL that changes how many days a timeframe is said to have. */
export function changedDays(table: string, tf: string, to: (value: string) => string): string {
  return `UPDATE ${table} SET tf_days = ${to('tf_days')} WHERE ${fits({ table, tf })}`;
}

/** SQL that removes EMAs: single ones, a series, or all there is. */
export function removedEmas(places: EmaPlaces): string {
  return `DELETE FROM ${places.table} WHERE ${fits(places)}`;
}

/** SQL that stores days of a timeframe twice, in spite of the key. */
export function doubledEmas(days: EmaDays): string[] {
  return [
    'ALTER TABLE cmc_ema_multi_tf_u DROP CONSTRAINT cmc_ema_multi_tf_u_pkey',
    `INSERT INTO ${days.table} SELECT * FROM ${days.table} WHERE ${fits(days)}`,
  ];
}

/** The table that holds the rows of a table of the contract: what a lock, a trigger or a rename is about. */
export function storageOf(table: string): string {
  return table;
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
  return [
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN IF ${when} THEN ${action}; END IF; RETURN NEW; END $$`,
    `CREATE TRIGGER ${name} BEFORE INSERT ON ${storageOf(table)} FOR EACH ROW EXECUTE FUNCTION ${name}()`,
  ];
}

function fits({ id, tf, period, ts }: EmaPlaces): string {
  const conditions = [
    ...(id === undefined ? [] : [`id = ${id}`]),
    ...(tf === undefined ? [] : [`tf = '${tf}'`]),
    ...(period === undefined ? [] : [`period = ${period}`]),
    ...(ts === undefined ? [] : [`ts ${ts}`]),
  ];
  return conditions.join(' AND ') || 'true';
}
