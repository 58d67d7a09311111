import { civilDaysOf, formatCivilDay, matchesZone, type CivilDay } from '@ta/bars-core/engine';
import { decodeCopy, isBeyondSql, type CopyLayout, type Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import { DAILY_REJECTS_TABLE, DAILY_TABLE } from '../checks/table-names.ts';
import type { Found } from '../finding.ts';
import { FoundList } from '../found-list.ts';
import { differenceText } from '../sql/differences.ts';
import { foundAt } from '../sql/found-rows.ts';
import { isoInstant } from './daily-input.ts';

const FIELDS: CopyLayout['fields'] = [
  { column: 'timestamp', type: 'timestamptz', nullable: false },
  { column: 'day', type: 'date', nullable: true },
  { column: 'day_from', type: 'timestamptz', nullable: true },
  { column: 'day_until', type: 'timestamptz', nullable: true },
];

/**
 * Compares the stored civil day of every daily bar and reject of an asset with the one that the zone's rules give here.
 *
 * If the days were decided by other rules than those on this machine (by another version of Node, say), differing days are not
 * an error of the rows: one WARNING says what the next refresh with the rules of this machine will do.
 *
 * @param rows the selected daily bars and rejects, as sub-SELECTs
 */
export async function compareCivilDays(
  session: Session,
  asset: AssetFacts,
  rows: { readonly bars: string; readonly rejects: string },
): Promise<readonly Found[]> {
  const found = [
    ...(await otherDays(session, asset, DAILY_TABLE, rows.bars)),
    ...(await otherDays(session, asset, DAILY_REJECTS_TABLE, rows.rejects)),
  ];
  const areOtherRules = asset.dayRules !== null && !matchesZone(asset.dayRules, asset.zone);
  if (!areOtherRules || found.length === 0) return found;
  const message =
    `id ${asset.id}: by this machine's rules of ${asset.zone}, ${found.length} daily row(s) belong to other days; ` +
    'a refresh on this machine rebuilds the asset';
  const detail = { others: found.length, first: found[0].message };
  return [{ table: DAILY_TABLE, id: asset.id, severity: 'WARNING', actual: found.length, message, detail }];
}

async function otherDays(
  session: Session,
  asset: AssetFacts,
  table: string,
  selected: string,
): Promise<readonly Found[]> {
  const found = new FoundList(table, asset.id);
  const columns = FIELDS.map(({ column }) => `r."${column}"`).join(', ');
  const select = `SELECT ${columns} FROM ${selected} r WHERE r.id = ${asset.id} AND NOT ${isBeyondSql('r."timestamp"')} ORDER BY r."timestamp"`;
  const rows = await decodeCopy(
    { table, fields: FIELDS },
    session.copyOut(`COPY (${select}) TO STDOUT WITH (FORMAT binary)`),
  );
  const ts = rows.number('timestamp');
  const { day, dayFrom, dayUntil } = civilDaysOf(ts, asset.zone);
  const compared = [
    { column: 'day', stored: rows.number('day'), right: day, show: (at: number) => formatCivilDay(at as CivilDay) },
    { column: 'day_from', stored: rows.number('day_from'), right: dayFrom, show: isoInstant },
    { column: 'day_until', stored: rows.number('day_until'), right: dayUntil, show: isoInstant },
  ];
  for (let i = 0; i < rows.length; i++) {
    const wrong = compared.filter(({ stored, right }) => stored[i] !== right[i]);
    if (wrong.length === 0) continue;
    const differences = Object.fromEntries(
      wrong.map(({ column, stored, right, show }) => {
        const shown = Number.isNaN(stored[i]) ? null : show(stored[i]);
        return [column, { stored: shown, expected: show(right[i]) }];
      }),
    );
    const key = isoInstant(ts[i]);
    const text = `${differenceText(differences)} in ${asset.zone}`;
    found.push(foundAt(table, { id: asset.id, key }, text, { detail: { differences } }));
  }
  return found.all();
}
