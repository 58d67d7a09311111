import { bigint, customType, doublePrecision, integer, timestamp } from 'drizzle-orm/pg-core';

/** An instant: `timestamptz`, read as a `Date`. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** A count or sequence number that may outgrow 32 bits: `bigint`, read as a number. */
export const longCount = (name: string) => bigint(name, { mode: 'number' });

/**
 * A timeframe label, sorted bytewise in every database whatever its locale. The bulk writers copy rows in key order, so
 * the order of labels in JavaScript and in the index must be the same.
 */
export const timeframeLabel = customType<{ data: string; driverData: string }>({ dataType: () => 'text COLLATE "C"' });

/** Numbers to resume a computation from: `double precision[]`. Bulk reads use binary COPY instead of this type. */
export const doubles = (name: string) => doublePrecision(name).array();

/** A list of EMA periods: `integer[]`. */
export const integers = (name: string) => integer(name).array();
