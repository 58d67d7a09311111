import { timeframesOf, type Timeframe } from '@ta/bars-core/engine';
import { EMA_KEY, MULTI_TF_EMAS, V2_EMAS } from '../golden-tables.ts';
import { hasNullVolumeOrCap, hasUnpricedRow, isPriced, type GoldenAsset } from '../golden-source.ts';
import type { GoldenWorld } from '../golden-world.ts';
import { byKey, keyText, type Cell, type Row } from '../rows.ts';
import { dailySpaceTwin, gridOf, multiTfTwin } from '../twins/ema-twin.ts';
import { snapshotsOf } from '../twins/bar-twin.ts';
import { tableOf } from '../twins/twin-table.ts';
import type { OwnExpectation } from './expectation.ts';

/** Expects v2 of every asset as our kernel computes it from the priced source rows. */
export function dailySpaceOwn(world: GoldenWorld): OwnExpectation {
  const rolling = timeframesOf('multi_tf', world.timeframes);
  const own = [...world.source.values()].flatMap((asset) => {
    const grid = gridOf(asset, (row) => isPriced(asset.rows, row));
    return [{ tf: '1D', quantity: 1 }, ...rolling].flatMap(({ tf, quantity }) =>
      dailySpaceTwin(grid, tf, quantity, { gate: 1, numberedBy: 'source' }),
    );
  });
  return expectAll(V2_EMAS, own, () => true);
}

/** Expects multi_tf of the series that are compared with a twin, as our kernel computes it from the priced source rows. */
export function multiTfOwn(world: GoldenWorld): OwnExpectation {
  const assets = [...world.source.values()];
  const rolling = timeframesOf('multi_tf', world.timeframes);
  const ofDaily = assets.filter(hasNullVolumeOrCap);
  const ofRolling = assets.filter(hasUnpricedRow);
  const own = [
    ...ofDaily.flatMap((asset) => multiTfOfRows(asset, null)),
    ...ofRolling.flatMap((asset) => rolling.flatMap((timeframe) => multiTfOfRows(asset, timeframe))),
  ];
  const isOf = (list: readonly GoldenAsset[], row: Row) => list.some(({ id }) => id === row.number('id'));
  return expectAll(MULTI_TF_EMAS, own, (row) => (row.text('tf') === '1D' ? isOf(ofDaily, row) : isOf(ofRolling, row)));
}

/** @param timeframe null for 1D, where every row is a close */
function multiTfOfRows(asset: GoldenAsset, timeframe: Timeframe | null): Record<string, Cell>[] {
  const grid = gridOf(asset, (row) => isPriced(asset.rows, row));
  if (timeframe === null) return multiTfTwin(grid, '1D', 1, Array.from(grid.rows.ts.keys()));
  const bars = snapshotsOf(grid.rows, timeframe);
  const closes = Array.from({ length: bars.length }, (_, at) => at).filter((at) => bars.isPartialEnd[at] === 0);
  return multiTfTwin(
    grid,
    timeframe.tf,
    timeframe.quantity,
    closes.map((at) => bars.sourceRow[at]),
  );
}

function expectAll(
  table: string,
  own: readonly Record<string, Cell>[],
  isCovered: (row: Row) => boolean,
): OwnExpectation {
  const rows = byKey(tableOf(own), EMA_KEY);
  return {
    tables: [table],
    expect: (ours) => (isCovered(ours) ? (rows.get(keyText(ours, EMA_KEY))?.all() ?? null) : {}),
  };
}
