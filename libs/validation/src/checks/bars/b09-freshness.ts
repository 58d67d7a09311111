import { judgeAge } from '@ta/pipeline';
import type { Check } from '../../check.ts';
import { refreshCommand } from '../../commands-to-type.ts';
import { isoInstant } from '../../recompute/daily-input.ts';
import { foundRow } from '../../sql/found-rows.ts';
import { DAILY_STATE, SOURCE_TABLE } from '../table-names.ts';

/** B09: every active asset with source rows has bars, and they are recent enough. */
export const freshness: Check = {
  id: 'B09',
  name: 'freshness',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['last_src_ts', 'age_hours'],
  explanation:
    'Every active id with source rows has a state row. Its last_src_ts is at most --staleness-hours before the ' +
    'clock of the validation (--as-of), not counting days without trading, and at most a day after it.',
  whatToDo: `Load newer prices, then ${refreshCommand('all')}. For a historical database pass --as-of. Delete a row that was dated wrong.`,
  tables: () => [SOURCE_TABLE],
  async *run(context) {
    const { stalenessHours, asOfTs } = context.request;
    const watched = context.assets.filter(({ isActive, hasSource }) => isActive && hasSource);
    for (const { id, lastSourceTs, notAheadTs, restingMs, hasState } of watched) {
      const days = lastSourceTs === null ? null : { lastTs: lastSourceTs, notAheadTs, restingMs };
      const { is, ageHours } = judgeAge(days, asOfTs, stalenessHours);
      if (is === 'fresh') continue;
      const last = lastSourceTs === null ? null : isoInstant(lastSourceTs);
      const age = ageHours === null ? null : Math.round(ageHours * 10) / 10;
      let message = `newest bar ${last} is ${age} hours old, at most ${stalenessHours} are allowed`;
      if (is === 'ahead') {
        const other = age === null ? 'no other bar' : `without such bars the newest is ${age} hours old`;
        message = `newest bar ${last} is more than a day ahead of the clock; ${other}`;
      }
      if (last === null) message = 'active, with source rows, but none of them became a bar';
      if (!hasState) message = 'active, with source rows, but no bars were ever built';
      yield foundRow(DAILY_STATE, { id, last_src_ts: last, age_hours: age, has_no_state: !hasState }, message);
    }
  },
};
