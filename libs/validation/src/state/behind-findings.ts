import { readStandings } from '@ta/pipeline';
import type { CheckContext } from '../check-context.ts';
import { refreshCommand } from '../commands-to-type.ts';
import type { Found } from '../finding.ts';
import { differenceText } from '../sql/differences.ts';
import { foundAt } from '../sql/found-rows.ts';
import { behind, type Behind } from './differences.ts';

/** Assets for which the first of two reads found something out of step in the other component; the second reads only these. */
const others = new WeakMap<CheckContext, Set<number>>();

/**
 * Yields what the plan of a run finds out of step, then the other findings of the same check. For an asset that a run would work
 * on, these are mostly consequences, so their advice is to do the run first.
 */
export async function* behindAndOther(
  context: CheckContext,
  component: Behind['component'],
  rest: AsyncIterable<Found>,
): AsyncGenerator<Found> {
  const mended = new Set<Found['id']>();
  for await (const found of behindFindings(context, component)) {
    mended.add(found.id);
    yield { ...found, whatToDo: MENDED };
  }
  for await (const found of rest) yield mended.has(found.id) ? { ...found, whatToDo: MENDED } : found;
}

/** The advice for states that the plan of a run finds out of step: a run repairs them, even after an interrupted full rebuild. */
const MENDED = `Run ${refreshCommand('all')}.`;

/** The selected timeframes that the plan of a run finds out of step, as findings about their states. */
async function* behindFindings(context: CheckContext, component: Behind['component']): AsyncGenerator<Found> {
  const known = others.get(context);
  const ids = context.assets
    .filter(({ id, hasState, lastSourceTs }) => hasState && lastSourceTs !== null && known?.has(id) !== false)
    .map(({ id }) => id);
  const alsoBehind = new Set<number>();
  const { tfs } = context.request;
  const names: readonly string[] =
    component === 'bars'
      ? context.barTables.map(({ family }) => family)
      : context.emaTables.map(({ source }) => source);
  for await (const standing of readStandings(context.session, ids, { isDerivedOnly: true })) {
    for (const { component: of, id, table, tf, name, reason, fields } of behind(standing)) {
      if (of !== component) {
        alsoBehind.add(id);
        continue;
      }
      if (!names.includes(name) || tfs?.includes(tf) === false) continue;
      const place = { id, tf, ...(component === 'emas' ? { key: name } : {}) };
      const differences = Object.fromEntries(
        fields.map(({ field, state, actual }) => [field, { stored: state, expected: actual }]),
      );
      const what = fields.length === 0 ? `a run would work on it (${reason})` : differenceText(differences);
      yield foundAt(table, place, WHAT[reason] ?? what, { detail: { differences } });
    }
  }
  others.set(context, alsoBehind);
}

const WHAT: Readonly<Partial<Record<Behind['reason'], string>>> = {
  no_state: 'no state row',
  no_timeframe: 'state of a timeframe that is not built here',
};
