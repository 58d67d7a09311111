import type { FuzzTarget } from '../fuzz-target.ts';
import { commandLinesTarget } from './command-lines.ts';
import { datesTarget } from './dates.ts';
import { idsTarget } from './ids.ts';
import { periodsTarget } from './periods.ts';
import { priceFilesTarget } from './price-files.ts';
import { settingsFilesTarget } from './settings-files.ts';
import { stateRowsTarget } from './state-rows.ts';
import { timeframeRowsTarget } from './timeframe-rows.ts';
import { urlsTarget } from './urls.ts';

/** Everything that takes input from people. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  priceFilesTarget,
  idsTarget,
  datesTarget,
  periodsTarget,
  urlsTarget,
  settingsFilesTarget,
  commandLinesTarget,
  stateRowsTarget,
  timeframeRowsTarget,
];
