import { BarFacts } from './bar-facts.ts';
import { compareTable, type TableComparison } from './compare-table.ts';
import { barDepartures } from './departures/bar-departures.ts';
import { dailyDepartures } from './departures/daily-departures.ts';
import type { Departure } from './departures/departure.ts';
import { emaDepartures } from './departures/ema-departures.ts';
import { stateDepartures } from './departures/state-departures.ts';
import { GOLDEN_TABLES } from './golden-tables.ts';
import type { GoldenWorld } from './golden-world.ts';
import { barOwn, barOwnOfNullRow } from './own/bar-own.ts';
import { dailyOwn } from './own/daily-own.ts';
import { dailySpaceOwn, multiTfOwn } from './own/ema-own.ts';
import type { OwnExpectation } from './own/expectation.ts';
import { barStateOwn } from './own/state-own.ts';
import type { Rows } from './rows.ts';

/** Every difference that is allowed between the reference and us: the only list of them. */
export function allDepartures(world: GoldenWorld): Departure[] {
  const facts = new BarFacts(world);
  return [
    ...dailyDepartures(world.source),
    ...barDepartures(world, facts),
    ...emaDepartures(world),
    ...stateDepartures(facts),
  ];
}

/** What our rows must hold wherever a departure applies. */
export function allExpectations(world: GoldenWorld, ours: ReadonlyMap<string, Rows>): OwnExpectation[] {
  return [
    dailyOwn(world.source),
    barOwn(new BarFacts(world)),
    barOwnOfNullRow(world),
    multiTfOwn(world),
    dailySpaceOwn(world),
    barStateOwn(ours),
  ];
}

/**
 * Compares all our tables with the reference's.
 *
 * @param ours our tables by name, as `readOurTables` reads them
 * @throws GoldenError `GOLDEN_DUPLICATE_KEY`
 */
export function compareGolden(
  world: GoldenWorld,
  ours: ReadonlyMap<string, Rows>,
  departures: readonly Departure[],
  expectations: readonly OwnExpectation[],
): TableComparison[] {
  return GOLDEN_TABLES.map((spec) =>
    compareTable({
      spec,
      reference: world.output(spec.name),
      ours: ours.get(spec.name) as Rows,
      departures,
      expectations,
    }),
  );
}

/** Departures that no row of one of their tables needed. An unused departure is an error. */
export function unusedDepartures(comparisons: readonly TableComparison[]): string[] {
  return comparisons.flatMap(({ name, uses }) =>
    [...uses].filter(([, rows]) => rows === 0).map(([departure]) => `${departure} in ${name}`),
  );
}
