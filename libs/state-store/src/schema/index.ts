import {
  barRowParts,
  barRows,
  barSeries,
  closedBarViews,
  dailyBarRevisions,
  dailyBars,
  dailyBarState,
} from './bars.ts';
import { multiDayBars, multiDayBarStateTables, multiDayBarViews } from './bars.ts';
import { emaAlphas, periods, timeframePeriods, timeframes } from './dimensions.ts';
import {
  closedEmas,
  emaRefreshState,
  emaRows,
  emaSeries,
  emaState,
  emaStateViews,
  emaViews,
  unifiedEmas,
} from './emas.ts';
import { alerts, runItems, runs, settings, validationResults } from './ops.ts';
import { dailyBarRejects, emaRejects, emaRejectViews, multiDayBarRejects, multiDayBarRejectViews } from './rejects.ts';
import { assets, holidays, importProfiles, priceChanges, priceHistories, priceHistoriesView } from './source.ts';

export { barAlignmentSource } from './bars.ts';
export { emaAlignmentSource } from './emas.ts';
export type { BarAlignmentSource } from './bars.ts';
export type { EmaAlignmentSource } from './emas.ts';

/** Every table of the database that has one name only; what drizzle's relational queries know. */
export const schema = {
  priceHistories,
  priceChanges,
  assets,
  holidays,
  importProfiles,
  timeframes,
  periods,
  emaAlphas,
  dailyBars,
  dailyBarState,
  dailyBarRevisions,
  dailyBarRejects,
  barRows,
  barSeries,
  multiDayBarRejects,
  emaRows,
  emaSeries,
  emaState,
  emaRefreshState,
  emaRejects,
  runs,
  runItems,
  settings,
  alerts,
  validationResults,
} as const;

/** Families of tables of one shape, by `alignment_source`. */
export const schemaFamilies = { barRowParts, multiDayBarStateTables } as const;

/** The views: other names for the same rows. */
export const schemaViews = {
  priceHistoriesView,
  timeframePeriods,
  unifiedEmas,
  emaViews,
  closedEmas,
  multiDayBars,
  multiDayBarViews,
  closedBarViews,
  multiDayBarRejectViews,
  emaStateViews,
  emaRejectViews,
} as const;
