import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { jsonRows, type JsonRow } from './json-rows.ts';

/**
 * Turns the rows of a query into findings: `id`, `tf`, `period`, `key`, `severity`, `expected` and `actual` are taken from
 * columns of these names, all other columns go into the detail.
 * @param message what is wrong with a row, in which `{column}` stands for its value; the place is put in front of it
 */
export async function* foundRows(
  context: CheckContext,
  table: string,
  select: string,
  message: string | ((row: JsonRow) => string),
): AsyncGenerator<Found> {
  const textOf = typeof message === 'function' ? message : (row: JsonRow) => filledIn(message, row);
  for await (const row of jsonRows(context.session, select)) yield foundRow(table, row, textOf(row));
}

function filledIn(message: string, row: JsonRow): string {
  return message.replace(/\{(\w+)\}/g, (_, column: string) => String(row[column]));
}

/** One row of a query as a finding. */
export function foundRow(table: string, row: JsonRow, message: string): Found {
  const { id, tf, period, key, severity, expected, actual, ...detail } = row;
  const place = {
    id: (id as number | undefined) ?? null,
    tf: (tf as string | undefined) ?? null,
    period: (period as number | undefined) ?? null,
    key: key === undefined || key === null ? null : String(key),
  };
  const level = severity === undefined ? {} : { severity: severity as Found['severity'] };
  return foundAt(table, place, message, { ...level, expected, actual, detail });
}

/** A finding at a place. @param text what is wrong; the place is put in front of it */
export function foundAt(
  table: string,
  place: FoundPlace,
  text: string,
  more: Omit<Found, 'table' | 'message'> = {},
): Found {
  return { table, ...place, ...more, message: `${placeText(place)}: ${text}` };
}

/** The finding that a unique index, which would keep duplicates out of a table, is missing. @param key its columns, `(id, ts)` */
export function missingKey(table: string, key: string): Found {
  const row = { severity: 'ERROR', unique_index: key };
  return foundRow(table, row, `no valid unique index on ${key} keeps duplicates out of ${table}`);
}

type FoundPlace = Pick<Found, 'id' | 'tf' | 'period' | 'key'>;

/** `id 1, 7D/10, 2024-01-05T23:59:59.999Z`. */
function placeText(place: FoundPlace): string {
  const series = [place.tf, place.period].filter((part) => part !== null && part !== undefined).join('/');
  const id = place.id === null || place.id === undefined ? '' : `id ${place.id}`;
  return [id, series, place.key ?? ''].filter((part) => part !== '').join(', ') || 'all';
}
