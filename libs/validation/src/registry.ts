import { scopeOf, type Check } from './check.ts';
import { adjacency } from './checks/bars/b18-adjacency.ts';
import { backfillPending } from './checks/bars/b11-backfill-pending.ts';
import { barSeq } from './checks/bars/b12-bar-seq.ts';
import { calendarEdge } from './checks/bars/b19-calendar-edge.ts';
import { conservation } from './checks/bars/b07-conservation.ts';
import { coverage as barCoverage } from './checks/bars/b14-coverage.ts';
import { duplicateFinal } from './checks/bars/b02-duplicate-final.ts';
import { duplicateSnapshot } from './checks/bars/b01-duplicate-snapshot.ts';
import { freshness as barFreshness } from './checks/bars/b09-freshness.ts';
import { gaps1d } from './checks/bars/b03-gaps-1d.ts';
import { nonFinite } from './checks/bars/b06-non-finite.ts';
import { ohlc } from './checks/bars/b04-ohlc.ts';
import { orphans } from './checks/bars/b23-orphans.ts';
import { partialFlags } from './checks/bars/b20-partial-flags.ts';
import { recompute as barRecompute } from './checks/bars/b16-recompute.ts';
import { rejects as barRejects } from './checks/bars/b21-rejects.ts';
import { repairs } from './checks/bars/b22-repairs.ts';
import { rowcount as barRowcount } from './checks/bars/b15-rowcount.ts';
import { sourceMatch } from './checks/bars/b08-source-match.ts';
import { spacing as barSpacing } from './checks/bars/b17-spacing.ts';
import { state1d } from './checks/bars/b10-state-1d.ts';
import { stateTf } from './checks/bars/b13-state-tf.ts';
import { timeOrder } from './checks/bars/b05-time-order.ts';
import { alignment } from './checks/emas/e10-alignment.ts';
import { alpha } from './checks/emas/e14-alpha.ts';
import { coverage as emaCoverage } from './checks/emas/e05-coverage.ts';
import { duplicates } from './checks/emas/e01-duplicates.ts';
import { finite } from './checks/emas/e02-finite.ts';
import { freshness as emaFreshness } from './checks/emas/e08-freshness.ts';
import { priceBounds } from './checks/emas/e03-price-bounds.ts';
import { recompute as emaRecompute } from './checks/emas/e07-recompute.ts';
import { rejects as emaRejects } from './checks/emas/e13-rejects.ts';
import { rowcount as emaRowcount } from './checks/emas/e06-rowcount.ts';
import { spacing as emaSpacing } from './checks/emas/e12-spacing.ts';
import { state as emaState } from './checks/emas/e09-state.ts';
import { statisticalBounds } from './checks/emas/e04-statistical-bounds.ts';
import { unionSync } from './checks/emas/e11-union-sync.ts';
import { ValidationError } from './errors.ts';
import type { ValidationRequest } from './request.ts';

/** Every check, in the order in which it runs and is listed. A new check is one file and one line here. */
export const CHECKS: readonly Check[] = [
  duplicateSnapshot,
  duplicateFinal,
  gaps1d,
  ohlc,
  timeOrder,
  nonFinite,
  conservation,
  sourceMatch,
  barFreshness,
  state1d,
  backfillPending,
  barSeq,
  stateTf,
  barCoverage,
  barRowcount,
  barRecompute,
  barSpacing,
  adjacency,
  calendarEdge,
  partialFlags,
  barRejects,
  repairs,
  orphans,
  duplicates,
  finite,
  priceBounds,
  statisticalBounds,
  emaCoverage,
  emaRowcount,
  emaRecompute,
  emaFreshness,
  emaState,
  alignment,
  unionSync,
  emaSpacing,
  emaRejects,
  alpha,
];

/** Ids of all checks, in order. */
export const CHECK_IDS: readonly string[] = CHECKS.map(({ id }) => id);

/**
 * The check of an id such as `B07`.
 * @throws ValidationError `VALIDATION_UNKNOWN_CHECK`
 */
export function checkById(id: string): Check {
  const found = CHECKS.find((check) => check.id === id.toUpperCase());
  if (found !== undefined) return found;
  throw new ValidationError('VALIDATION_UNKNOWN_CHECK', `There is no check "${id}"`, {
    hint: `Checks: ${CHECK_IDS.join(', ')}`,
    context: { id },
  });
}

/**
 * The checks a request selects, in order.
 * @throws ValidationError `VALIDATION_UNKNOWN_CHECK`; `VALIDATION_BAD_OPTION` when nothing is left
 */
export function selectChecks(request: ValidationRequest): readonly Check[] {
  const named = (request.checks ?? CHECK_IDS).map(checkById);
  const skipped = request.skipChecks.map(checkById);
  const left = CHECKS.filter(
    (check) =>
      named.includes(check) &&
      !skipped.includes(check) &&
      (request.scope === 'all' || request.scope === scopeOf(check)),
  );
  if (left.length > 0) return left;
  throw new ValidationError('VALIDATION_BAD_OPTION', 'No check is selected', {
    hint: `Scope ${request.scope}, --checks and --skip-checks together leave none of ${CHECK_IDS.join(', ')}`,
  });
}
