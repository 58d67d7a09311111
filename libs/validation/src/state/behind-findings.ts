import { readDerivedStandings } from '@ta/pipeline';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { differenceText } from '../sql/differences.ts';
import { placeText } from '../sql/found-rows.ts';
import { behind, type Behind } from './differences.ts';

/** The selected timeframes that the plan of a run finds out of step, as findings about their states. */
export async function* behindFindings(context: CheckContext, component: Behind['component']): AsyncGenerator<Found> {
  const ids = context.assets
    .filter(({ hasState, lastSourceTs }) => hasState && lastSourceTs !== null)
    .map(({ id }) => id);
  const { tfs } = context.request;
  const names: readonly string[] =
    component === 'bars'
      ? context.barTables.map(({ family }) => family)
      : context.emaTables.map(({ source }) => source);
  for await (const standing of readDerivedStandings(context.session, ids)) {
    for (const { component: of, id, table, tf, name, reason, fields } of behind(standing)) {
      if (of !== component || !names.includes(name) || tfs?.includes(tf) === false) continue;
      const place = { id, tf, ...(component === 'emas' ? { key: name } : {}) };
      const differences = Object.fromEntries(
        fields.map(({ field, state, actual }) => [field, { stored: state, expected: actual }]),
      );
      const what = fields.length === 0 ? `a run would work on it (${reason})` : differenceText(differences);
      yield { table, ...place, detail: { differences }, message: `${placeText(place)}: ${WHAT[reason] ?? what}` };
    }
  }
}

const WHAT: Readonly<Partial<Record<Behind['reason'], string>>> = {
  no_state: 'no state row',
  no_timeframe: 'state of a timeframe that is not built here',
};
