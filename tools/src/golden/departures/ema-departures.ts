import { timeframesOf, type Timeframe } from '@ta/bars-core/engine';
import { hasNullVolumeOrCap, hasUnpricedRow, type GoldenAsset } from '../golden-source.ts';
import { DAILY_TABLE, MULTI_TF_EMAS, V2_EMAS } from '../golden-tables.ts';
import type { GoldenWorld } from '../golden-world.ts';
import type { Cell, Row, Rows } from '../rows.ts';
import { snapshotsOf } from '../twins/bar-twin.ts';
import { dailySpaceTwin, gridOf, multiTfTwin, multiTfTwinWithGaps, REFERENCE_DAILY_SPACE } from '../twins/ema-twin.ts';
import { tableOf } from '../twins/twin-table.ts';
import type { Departure } from './departure.ts';

/** Departures of the six EMA tables. */
export function emaDepartures(world: GoldenWorld): Departure[] {
  const accepted = instantsById(world.output(DAILY_TABLE));
  const rolling = timeframesOf('multi_tf', world.timeframes);
  const assets = [...world.source.values()];
  const isAccepted = (asset: GoldenAsset, row: number) => accepted.get(asset.id)?.has(asset.rows.ts[row]) === true;
  const dailySpace = (asset: GoldenAsset) => {
    const grid = gridOf(asset, (row) => isAccepted(asset, row));
    return [{ tf: '1D', quantity: 1 }, ...rolling].flatMap(({ tf, quantity }) =>
      dailySpaceTwin(grid, tf, quantity, REFERENCE_DAILY_SPACE),
    );
  };
  const withoutVolume = assets.filter(hasNullVolumeOrCap);
  const withoutPrices = assets.filter(hasUnpricedRow);
  return [
    gateOfV2(world, accepted),
    {
      kind: 'input',
      name: 'D15 null volume or cap in v2',
      rule: 'docs/bars.md#daily-bars',
      why:
        'The 1D bars of the reference lack the rows without volume or cap (id 13, 2025-03-04 and 2025-05-20); ours have them. ' +
        'Its v2 must equal the EMAs that our kernel computes from its 1D bars.',
      tables: [V2_EMAS],
      ids: withoutVolume.map(({ id }) => id),
      twin: () => tableOf(withoutVolume.flatMap(dailySpace)),
    },
    {
      kind: 'input',
      name: 'D16 numbers of daily rows in v2',
      rule: 'docs/emas.md#families',
      why:
        'For the canonical days the reference counts the loaded rows, ours all source rows, so they differ after a rejected row (id 14, ' +
        '2025-09-17). Its flags and canonical differences must equal those that our kernel computes with its count.',
      tables: [V2_EMAS],
      ids: withoutPrices.map(({ id }) => id),
      twin: () => tableOf(withoutPrices.flatMap(dailySpace)),
    },
    {
      kind: 'input',
      name: 'D15 null volume or cap in 1D EMAs',
      rule: 'docs/emas.md#families',
      why:
        'The reference takes the daily grid from the raw source but the closes of 1D from its 1D bars, so rows without volume or ' +
        'cap become previews. Its rows must equal those that our kernel computes from these closes.',
      tables: [MULTI_TF_EMAS],
      ids: withoutVolume.map(({ id }) => id),
      twin: () =>
        tableOf(
          withoutVolume.flatMap((asset) => {
            const grid = gridOf(asset, () => true);
            const closes = Array.from(grid.rows.ts.keys()).filter((row) => isAccepted(asset, row));
            return multiTfTwin(grid, '1D', 1, closes);
          }),
        ),
    },
    {
      kind: 'input',
      name: 'D3 null row in multi_tf EMAs',
      rule: 'docs/bars.md#daily-bars',
      why:
        'The bars of the reference count the row with null prices (id 14, 2025-09-17), so from that day on they close on other ' +
        'days. Its EMAs must equal those that our kernel computes from the bars of our engine with that row.',
      tables: [MULTI_TF_EMAS],
      ids: withoutPrices.map(({ id }) => id),
      twin: () =>
        tableOf(withoutPrices.flatMap((asset) => rolling.flatMap((timeframe) => nullRowTwin(asset, timeframe)))),
    },
  ];
}

/** v2 of the reference requires three horizons of history (docs/emas.md#families). */
function gateOfV2(world: GoldenWorld, accepted: ReadonlyMap<number, ReadonlySet<number>>): Departure {
  const seriesOf = (row: Row) => `${row.number('id')} ${row.text('tf')} ${row.number('period')}`;
  const reference = world.output(V2_EMAS);
  const stored = new Set(Array.from({ length: reference.length }, (_, index) => seriesOf(reference.at(index))));
  return {
    kind: 'row',
    name: 'D10 gate of v2',
    rule: 'docs/emas.md#families',
    why: 'The reference stores a v2 series only when the history is at least three horizons long; ours when it is at least one.',
    tables: [V2_EMAS],
    side: 'ours',
    applies(row) {
      const bars = Math.floor((accepted.get(row.number('id'))?.size ?? 0) / row.number('tf_days'));
      return bars < 3 * row.number('period') && !stored.has(seriesOf(row));
    },
  };
}

function nullRowTwin(asset: GoldenAsset, timeframe: Timeframe): Record<string, Cell>[] {
  const bars = snapshotsOf(asset.rows, timeframe);
  const closes = Array.from(bars.sourceRow.subarray(0, bars.length)).filter((_, at) => bars.isPartialEnd[at] === 0);
  return multiTfTwinWithGaps(
    gridOf(asset, () => true),
    timeframe.tf,
    timeframe.quantity,
    closes,
  );
}

/** Instants of the daily bars per asset. */
function instantsById(daily: Rows): Map<number, Set<number>> {
  const instants = new Map<number, Set<number>>();
  const ids = daily.numbers('id');
  const ts = daily.numbers('timestamp');
  for (let row = 0; row < daily.length; row++) {
    const known = instants.get(ids[row]) ?? new Set();
    instants.set(ids[row], known.add(ts[row]));
  }
  return instants;
}
