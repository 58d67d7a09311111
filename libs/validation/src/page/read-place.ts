import { civilDayOfInstant, formatCivilDay } from '@ta/bars-core/engine';
import { BAR_TABLES, EMA_TABLES, quoteLiteral, instantSql, type Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { Finding } from '../finding.ts';
import { DAILY_TABLE } from '../checks/table-names.ts';
import { withDay } from '../sql/with-day.ts';
import type { PageBar, PagePlace } from './page-data.ts';

/** Bars shown before and after the place. */
const BEFORE = 40;
const AFTER = 20;

const BAR_TABLE_NAMES = new Set(Object.values(BAR_TABLES).flatMap(({ table, stateTable }) => [table, stateTable]));
const EMA_TABLE_NAMES = new Set(Object.values(EMA_TABLES).map(({ table }) => table));

interface BarRow extends Record<string, unknown> {
  readonly at: Date;
  readonly day: string;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
}

/** What is drawn for a finding. Findings about one place have equal choices, so that the place is read once. */
export interface PlaceChoice {
  readonly asset: AssetFacts;
  readonly table: string;
  /** Timeframe of the bars; null for daily bars. */
  readonly tf: string | null;
  readonly ema: { readonly table: string; readonly tf: string; readonly period: number } | null;
  /** Instant of the place, epoch ms; null for the newest bars. */
  readonly atMs: number | null;
  /** Number of the bar, where the finding names that instead of an instant. */
  readonly barSeq: number | null;
}

/** The place of a finding; null when it is not about a single asset. */
export function placeOf(finding: Finding, asset: AssetFacts | undefined): PlaceChoice | null {
  if (asset === undefined) return null;
  const { tf, period, table } = finding;
  const isOfBars = BAR_TABLE_NAMES.has(table) && tf !== null && tf !== '1D';
  const place = instantOrNumber(finding.key);
  const ema = EMA_TABLE_NAMES.has(table) && tf !== null && period !== null ? { table, tf, period } : null;
  return {
    asset,
    table: isOfBars ? table.replace(/_state$/, '') : DAILY_TABLE,
    tf: isOfBars ? tf : null,
    ema,
    atMs: place.atMs,
    barSeq: isOfBars ? place.barSeq : null,
  };
}

/** Identity of a place. */
export function placeKey({ asset, table, tf, ema, atMs, barSeq }: PlaceChoice): string {
  return JSON.stringify([asset.id, table, tf, ema, atMs, barSeq]);
}

/** An instant, or the number of a bar, at the end of a key such as `time_close 2024-05-15T23:59:59.999Z` or `bar_seq 7`. */
function instantOrNumber(key: string | null): { atMs: number | null; barSeq: number | null } {
  const text = key ?? '';
  const instant = /\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}(?::?\d{2})?)?)?/.exec(text)?.[0];
  if (instant !== undefined) {
    const isDay = instant.length === 10;
    const zoned = instant.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00');
    const ms = Date.parse(isDay ? `${instant}T23:59:59.999Z` : /Z|[+-]\d{2}:?\d{2}$/.test(zoned) ? zoned : `${zoned}Z`);
    if (Number.isFinite(ms)) return { atMs: ms, barSeq: null };
  }
  const number = /^(?:bar_seq )?(\d{1,9})$/.exec(text)?.[1];
  return { atMs: null, barSeq: number === undefined ? null : Number(number) };
}

/** Reads the bars around a place, and the EMA over them; null where there are no bars. */
export async function readPlace(session: Session, choice: PlaceChoice): Promise<PagePlace | null> {
  const { asset, table, tf, ema } = choice;
  const time = tf === null ? '"timestamp"' : 'time_close';
  const atMs = choice.atMs ?? (choice.barSeq === null ? null : await closeOf(session, choice));
  const from = tf === null ? table : withDay(table, time);
  const columns = `${time} AS at, to_char(day, 'YYYY-MM-DD') AS day, open, high, low, close`;
  const mine = `id = ${asset.id}${tf === null ? '' : ` AND tf = ${quoteLiteral(tf)}`} AND isfinite(${time}) AND day IS NOT NULL`;
  const closed = tf === null ? '' : 'AND NOT is_partial_end';
  const at = atMs === null ? `'infinity'::timestamptz` : instantSql(atMs);
  const parts = [
    `(SELECT ${columns} FROM ${from} t WHERE ${mine} ${closed} AND ${time} <= ${at} ORDER BY ${time} DESC LIMIT ${BEFORE})`,
    `(SELECT ${columns} FROM ${from} t WHERE ${mine} ${closed} AND ${time} > ${at} ORDER BY ${time} LIMIT ${AFTER})`,
    // the snapshot that the finding is about, although its bar was still open
    ...(tf === null ? [] : [`(SELECT ${columns} FROM ${from} t WHERE ${mine} AND ${time} = ${at} LIMIT 1)`]),
  ];
  const rows = await session.query<BarRow>(`SELECT * FROM (${parts.join(' UNION ALL ')}) near ORDER BY at`);
  const bars = new Map<string, PageBar>();
  for (const row of rows) {
    bars.set(row.day, [row.day, finite(row.open), finite(row.high), finite(row.low), finite(row.close)]);
  }
  const shown = [...bars.values()].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  if (shown.length === 0) return null;
  const label = [table, `id ${asset.id}`, ...(tf === null ? [] : [tf])].join(', ');
  const stretch = [rows[0].at.getTime(), rows[rows.length - 1].at.getTime()] as const;
  return {
    label,
    bars: shown,
    line: ema === null ? null : await readLine(session, choice, ema, stretch),
    mark: atMs === null ? null : formatCivilDay(civilDayOfInstant(asset.zone)(atMs)),
  };
}

/** The newest close instant among the rows of a bar, given by its number; null when there is none. */
async function closeOf(session: Session, { asset, table, tf, barSeq }: PlaceChoice): Promise<number | null> {
  const [row] = await session.query<{ at: Date | null }>(
    `SELECT max(time_close) AS at FROM ${table} WHERE id = ${asset.id} AND tf = ${quoteLiteral(tf as string)}
       AND bar_seq = ${barSeq} AND isfinite(time_close)`,
  );
  return row.at === null ? null : row.at.getTime();
}

/** @param stretch close instants of the first and the last bar shown, epoch ms */
async function readLine(
  session: Session,
  { asset }: PlaceChoice,
  { table, tf, period }: NonNullable<PlaceChoice['ema']>,
  [firstTs, lastTs]: readonly [number, number],
): Promise<PagePlace['line']> {
  const rows = await session.query<{ day: string; ema: number | null }>(
    `SELECT to_char(day, 'YYYY-MM-DD') AS day, ema FROM ${withDay(table, 'ts')} t WHERE id = ${asset.id} AND ts >= ${instantSql(firstTs)}
       AND ts <= ${instantSql(lastTs)} AND tf = ${quoteLiteral(tf)} AND period = ${period} AND day IS NOT NULL ORDER BY ts`,
  );
  const points = new Map(rows.map(({ day: at, ema }) => [at, finite(ema)] as const));
  return { label: `EMA ${tf}/${period}`, points: [...points] };
}

/** A number that can be drawn, or null. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
