import {
  copyInSql,
  createCopyEncoder,
  migrate,
  saveAsset,
  seedDimensions,
  type CopyLayout,
  type Database,
  type Session,
} from '@ta/state-store';
import { copyTypeOf } from './golden-columns.ts';
import { goldenSeeds } from './golden-dimensions.ts';
import type { GoldenAsset } from './golden-source.ts';
import type { GoldenWorld } from './golden-world.ts';

const SOURCE_COLUMNS = [
  ...['id', 'name', 'timeopen', 'timeclose', 'timehigh', 'timelow', 'open', 'high', 'low', 'close'],
  ...['volume', 'marketcap', 'timestamp', 'source_file', 'load_ts'],
];

const SOURCE: CopyLayout = {
  table: 'cmc_price_histories7',
  fields: SOURCE_COLUMNS.map((column) => ({
    column,
    type: copyTypeOf('cmc_price_histories7', column),
    nullable: true,
  })),
};

/**
 * Fills an empty database from the golden set: the schema, the set's timeframes and periods, its assets, and its source rows
 * bit for bit, including the load time.
 */
export async function importGolden(database: Database, world: GoldenWorld): Promise<void> {
  await migrate(database);
  await seedDimensions(database, goldenSeeds(world.timeframes));
  await database.transaction(async (tx) => {
    for (const asset of world.source.values()) {
      await saveAsset(tx, { id: asset.id, name: asset.name, symbol: null });
      await copySource(tx, asset);
    }
  });
}

async function copySource(tx: Session, asset: GoldenAsset): Promise<void> {
  const { rows } = asset;
  const encoded = createCopyEncoder(SOURCE).encode(
    [
      { constant: asset.id },
      { constant: asset.name },
      { numbers: asset.timeOpen },
      { numbers: asset.timeClose },
      { numbers: rows.timeHigh },
      { numbers: rows.timeLow },
      { numbers: rows.open },
      { numbers: rows.high },
      { numbers: rows.low },
      { numbers: rows.close },
      { numbers: rows.volume },
      { numbers: rows.marketCap },
      { numbers: rows.ts },
      { strings: asset.sourceFile },
      { numbers: asset.loadTs },
    ],
    rows.length,
  );
  await tx.copyIn(copyInSql(SOURCE), [encoded]);
}
