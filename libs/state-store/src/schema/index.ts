import {
  barRowParts,
  barRows,
  barSeries,
  dailyBarRevisions,
  dailyBars,
  dailyBarState,
  multiDayBarStateTables,
} from './bars.ts';
import { emaAlphas, periods, timeframes } from './dimensions.ts';
import { emaRefreshState, emaRows, emaSeries, emaState } from './emas.ts';
import { alerts, runItems, runs, settings, validationResults } from './ops.ts';
import { dailyBarRejects, emaRejects, multiDayBarRejects } from './rejects.ts';
import { assets, holidays, importProfiles, priceChanges, priceHistories } from './source.ts';

/** Every table of the database that does not belong to one of {@link schemaFamilies}. */
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

/** Families of tables with the same columns, by `alignment_source`. */
export const schemaFamilies = { barRowParts, multiDayBarStateTables } as const;
