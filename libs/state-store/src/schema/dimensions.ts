import { boolean, doublePrecision, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { instant, timeframeLabel } from './column-types.ts';

/** The timeframes (docs/bars.md#timeframes). */
export const timeframes = pgTable(
  'dim_timeframe',
  {
    tf: timeframeLabel('tf').primaryKey(),
    label: text('label').notNull(),
    baseUnit: text('base_unit').notNull(),
    tfQty: integer('tf_qty').notNull(),
    tfDaysNominal: integer('tf_days_nominal').notNull(),
    alignmentType: text('alignment_type', { enum: ['tf_day', 'calendar'] }).notNull(),
    calendarAnchor: text('calendar_anchor'),
    rollPolicy: text('roll_policy').notNull(),
    hasRollFlag: boolean('has_roll_flag').notNull().default(true),
    isIntraday: boolean('is_intraday').notNull().default(false),
    sortOrder: integer('sort_order').notNull(),
    description: text('description'),
    isCanonical: boolean('is_canonical').notNull().default(false),
    calendarScheme: text('calendar_scheme', { enum: ['US', 'ISO'] }),
    allowPartialStart: boolean('allow_partial_start').notNull().default(false),
    allowPartialEnd: boolean('allow_partial_end').notNull().default(false),
    tfDaysMin: integer('tf_days_min'),
    tfDaysMax: integer('tf_days_max'),
  },
  (t) => [
    unique('dim_timeframe_shape')
      .on(t.alignmentType, t.tfDaysNominal, t.calendarAnchor, t.calendarScheme, t.allowPartialStart, t.allowPartialEnd)
      .nullsNotDistinct(),
  ],
);

/** The EMA periods (docs/emas.md#families). */
export const periods = pgTable('dim_period', {
  period: integer('period').primaryKey(),
  label: text('label').notNull(),
  description: text('description'),
});

/** The smoothing factors of every (timeframe, period): docs/emas.md#smoothing-factors. A generated reference, not an input. */
export const emaAlphas = pgTable(
  'ema_alpha_lookup',
  {
    tf: timeframeLabel('tf').notNull(),
    period: integer('period').notNull(),
    tfDaysNominal: integer('tf_days_nominal').notNull(),
    alphaEmaDailyspace: doublePrecision('alpha_ema_dailyspace').notNull(),
    alphaBar: doublePrecision('alpha_bar').notNull(),
    alphaBarPreviewDaily: doublePrecision('alpha_bar_preview_daily').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    displayOrder: integer('display_order'),
  },
  (t) => [primaryKey({ name: 'ema_alpha_lookup_pkey', columns: [t.tf, t.period] })],
);
