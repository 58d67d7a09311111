import { alphaDailyEquivalentByPower } from '@ta/ema-core/engine';
import type { BarFacts } from '../bar-facts.ts';
import { isFirstOfTwo, positionsOf, REFERENCE_ZONE } from '../golden-source.ts';
import { ANCHORED_BARS, CAL_ISO_BARS, CAL_US_BARS, MULTI_TF_BARS } from '../golden-tables.ts';
import type { Departure } from './departure.ts';

const stateOf = (table: string) => `${table}_state`;

/** Departures of the states of the multi-day bars, and of the look-up table. */
export function stateDepartures(facts: BarFacts): Departure[] {
  return [
    {
      kind: 'row',
      name: 'D2 state of a refused asset',
      rule: 'docs/bars.md#source-rows',
      why: 'The reference stores a state without bars for an asset with two rows in one day; ours stores no state.',
      tables: [stateOf(MULTI_TF_BARS)],
      side: 'reference',
      applies(row) {
        const { rows } = facts.asset(row);
        return Number.isNaN(row.number('last_bar_seq')) && positionsOf(rows).some((at) => isFirstOfTwo(rows, at));
      },
    },
    {
      kind: 'column',
      name: 'D1 zone in the state',
      rule: 'docs/zones.md',
      why: 'The reference ran in the days of New York, and leaves tz empty in the states of cal_us and cal_iso; ours ran in UTC.',
      tables: [CAL_US_BARS, CAL_ISO_BARS, ...ANCHORED_BARS].map(stateOf),
      columns: ['tz'],
      predict: (_, table) => ({ tz: [CAL_US_BARS, CAL_ISO_BARS].map(stateOf).includes(table) ? null : REFERENCE_ZONE }),
    },
    {
      kind: 'cell',
      name: 'D6 last bar_seq in the state',
      rule: 'docs/bars.md#windows',
      why: 'The reference numbers the windows that have data; ours numbers all windows from the first.',
      tables: ANCHORED_BARS.map(stateOf),
      columns: ['last_bar_seq'],
      predict: (ours) => ({ last_bar_seq: facts.denseRank(ours, ours.number('last_time_close')) }),
    },
    {
      kind: 'cell',
      name: 'D2 power form of alpha',
      rule: 'docs/emas.md#smoothing-factors',
      why: 'The reference computes the daily equivalent with a power, which loses digits; ours with expm1 and log1p.',
      tables: ['ema_alpha_lookup'],
      columns: ['alpha_bar_preview_daily'],
      predict(ours) {
        const alpha = alphaDailyEquivalentByPower(ours.number('period'), ours.number('tf_days_nominal'));
        return { alpha_bar_preview_daily: alpha };
      },
    },
  ];
}
