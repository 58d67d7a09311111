import { boolean, date, doublePrecision, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, longCount } from './column-types.ts';

/** Daily prices as delivered, one row per asset and close instant (docs/bars.md#source-rows). */
export const priceHistories = pgTable(
  'cmc_price_histories7',
  {
    id: integer('id').notNull(),
    timestamp: instant('timestamp').notNull(),
    name: text('name').notNull(),
    timeOpen: instant('timeopen'),
    timeClose: instant('timeclose'),
    timeHigh: instant('timehigh'),
    timeLow: instant('timelow'),
    open: doublePrecision('open'),
    high: doublePrecision('high'),
    low: doublePrecision('low'),
    close: doublePrecision('close'),
    volume: doublePrecision('volume'),
    marketCap: doublePrecision('marketcap'),
    circulatingSupply: doublePrecision('circulatingsupply'),
    date: date('date'),
    sourceFile: text('source_file'),
    loadTs: instant('load_ts').notNull().defaultNow(),
  },
  (t) => [primaryKey({ name: 'cmc_price_histories7_pkey', columns: [t.id, t.timestamp] })],
);

/** The assets that may be refreshed (docs/source-rows.md). */
export const assets = pgTable('dim_assets', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  symbol: text('symbol'),
  isActive: boolean('is_active').notNull().default(true),
  createdAt: instant('created_at').notNull().defaultNow(),
  isCloseOnly: boolean('is_close_only').notNull().default(false),
  closeRule: text('close_rule', { enum: ['calendar', 'market'] })
    .notNull()
    .default('calendar'),
  tradingWeekdays: text('trading_weekdays').notNull().default('Mon-Sun'),
  holidayCalendar: text('holiday_calendar'),
});

/** Days without trading, by the name of a calendar such as `XNYS`. */
export const holidays = pgTable(
  'dim_holidays',
  { calendar: text('calendar').notNull(), day: date('day').notNull(), name: text('name') },
  (t) => [primaryKey({ name: 'dim_holidays_pkey', columns: [t.calendar, t.day] })],
);

/** Saved import profiles: named descriptions of how to read files of an unknown format. */
export const importProfiles = pgTable('import_profiles', {
  profile: text('profile').primaryKey(),
  columns: jsonb('columns').$type<Record<string, string>>().notNull(),
  dateOrder: text('date_order', { enum: ['ymd', 'dmy', 'mdy'] }),
  decimalSign: text('decimal_sign', { enum: ['.', ','] }),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});

/** Invalidation log of the source, written by statement-level triggers, one row per statement and id. */
export const priceChanges = pgTable(
  'cmc_price_histories7_changes',
  {
    changeId: longCount('change_id').notNull().generatedAlwaysAsIdentity(),
    id: integer('id').notNull(),
    firstTs: instant('first_ts').notNull(),
    lastTs: instant('last_ts').notNull(),
    kind: text('kind', { enum: ['insert', 'update', 'delete', 'truncate'] }).notNull(),
    rows: longCount('rows').notNull(),
    changedAt: instant('changed_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ name: 'cmc_price_histories7_changes_pkey', columns: [t.id, t.changeId] })],
);
