#!/usr/bin/env bash
# Drizzle gives a numeric as text and a bigint in the mode 'bigint' as BigInt, so that no digit is lost. Read through a relation
# (db.query.asset.findMany({ with: { prices: true } })) the same column went through JSON: the text is that of a float, and the
# BigInt is off by one although it is a BigInt. '1.10' is '1.1'. db.select gives every digit of the same rows.
# drizzle-orm 0.45.4, @electric-sql/pglite 0.5.17, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts drizzle-orm@0.45.4 @electric-sql/pglite@0.5.17
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { relations } from 'drizzle-orm';
import { bigint, integer, numeric, pgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pglite';
const asset = pgTable('asset', { id: integer().primaryKey() });
const price = pgTable('price', { asset: integer(), close: numeric(), supply: numeric(), units: bigint({ mode: 'bigint' }) });
const assetRelations = relations(asset, ({ many }) => ({ prices: many(price) }));
const priceRelations = relations(price, ({ one }) => ({ of: one(asset, { fields: [price.asset], references: [asset.id] }) }));
const lite = await PGlite.create();
await lite.exec(`CREATE TABLE asset (id int PRIMARY KEY); INSERT INTO asset VALUES (1);
  CREATE TABLE price (asset int, close numeric, supply numeric, units bigint);
  INSERT INTO price VALUES (1, '1.10', '589500000000000.123456789', 9007199254740993)`);
const db = drizzle(lite, { schema: { asset, price, assetRelations, priceRelations } });
const show = (what, { close, supply, units }) =>
  console.log(`${what}: close '${close}', supply ${typeof supply} '${supply}', units ${typeof units} ${units}`);
show('select', (await db.select().from(price))[0]);
show('query.price', await db.query.price.findFirst());
show('query.asset with prices', (await db.query.asset.findFirst({ with: { prices: true } })).prices[0]);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
select: close '1.10', supply string '589500000000000.123456789', units bigint 9007199254740993
query.price: close '1.10', supply string '589500000000000.123456789', units bigint 9007199254740993
query.asset with prices: close '1.1', supply string '589500000000000.1', units bigint 9007199254740992
OUT
