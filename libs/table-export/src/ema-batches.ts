import {
  ColumnTable,
  readEmaSeriesList,
  readPackedEmas,
  readPackedEmasBefore,
  readPackedEmaSpan,
  type DecodedColumn,
  type EmaTableFacts,
  type NumberedEmaSeries,
  type PackedEmas,
  type Session,
} from '@ta/state-store';
import { stretchesOfDays } from './day-stretches.ts';
import { differencesOf, RowsBefore } from './ema-differences.ts';
import type { RowChoice } from './row-choice.ts';

/** Days read at a time: some hundred thousand EMAs of the densest table. */
const DAYS_PER_BATCH = 200;

/** Per series, the rows before the next one, for `ema` and for `ema_bar`. */
type Memory = ReadonlyMap<number, { readonly ema: RowsBefore; readonly emaBar: RowsBefore }>;

/**
 * The EMAs of some assets in key order (ts, tf, period). They are computed from the packed rows, because the views over them
 * would look up the preceding rows for every single value.
 */
export async function* readEmaBatches(
  session: Session,
  facts: EmaTableFacts,
  ids: readonly number[],
  choice: RowChoice,
): AsyncGenerator<ColumnTable, void, undefined> {
  const { tfs } = choice;
  const series = (await readEmaSeriesList(session))
    .filter(({ table, tf }) => table === facts.source && (tfs === undefined || tfs.includes(tf)))
    .sort((a, b) => (a.tf < b.tf ? -1 : a.tf > b.tf ? 1 : a.series - b.series));
  const numbers = series.map((one) => one.series);
  for (const id of ids) {
    const span = await readPackedEmaSpan(session, { id, series: numbers });
    if (span === null) continue;
    const from = Math.max(span.firstTs, choice.fromTs ?? -Infinity);
    const until = Math.min(span.lastTs + 1, choice.untilTs ?? Infinity);
    const memory: Memory = new Map(
      series.map(({ series: number, periods: { length } }) => [
        number,
        { ema: new RowsBefore(length), emaBar: new RowsBefore(length) },
      ]),
    );
    if (from > span.firstTs) derive(await readPackedEmasBefore(session, { id, series: numbers }, from), memory);
    for (const [fromTs, untilTs] of stretchesOfDays(from, until, DAYS_PER_BATCH)) {
      const packed = await readPackedEmas(session, { id, series: numbers, fromTs, untilTs });
      const batch = unpacked(facts, id, series, { packed, ...derive(packed, memory) }, choice);
      if (batch.length > 0) yield batch;
    }
  }
}

function derive({ length, series, roll, ema, emaBar }: PackedEmas, memory: Memory) {
  const [own, bar] = [differencesOf(ema), differencesOf(emaBar)];
  for (let row = 0; row < length; row++) {
    const before = memory.get(series[row]);
    before?.ema.next(ema, row, roll[row] === 0, own);
    before?.emaBar.next(emaBar, row, roll[row] === 0, bar);
  }
  return { own, bar };
}

/** One row per value, in key order. */
function unpacked(
  facts: EmaTableFacts,
  id: number,
  series: readonly NumberedEmaSeries[],
  { packed, own, bar }: ReturnType<typeof derive> & { readonly packed: PackedEmas },
  { periods, isFinalOnly }: RowChoice,
): ColumnTable {
  const { ema, emaBar, roll, ts } = packed;
  const rankOf = new Map(series.map((one, rank) => [one.series, rank]));
  const ranks = Array.from(packed.series, (number) => rankOf.get(number) as number);
  const order = Array.from({ length: packed.length }, (_, row) => row)
    .filter((row) => isFinalOnly !== true || roll[row] === 0)
    .sort((a, b) => ts[a] - ts[b] || ranks[a] - ranks[b]);
  const wanted = series.map((one) => one.periods.map((period) => periods === undefined || periods.includes(period)));
  const columns = new Columns(facts, ema.values.length);
  for (const row of order) {
    const { tfDays, periods: all } = series[ranks[row]];
    const place = { id, rank: ranks[row], ts: ts[row], tf_days: tfDays, roll: roll[row] };
    const [from, barFrom, barUntil] = [ema.starts[row], emaBar.starts[row], emaBar.starts[row + 1]];
    for (let p = 0; p < Math.min(ema.starts[row + 1] - from, all.length); p++) {
      const at = from + p;
      // a NULL in the packed row means that there is no row for this period
      if (!wanted[ranks[row]][p] || (ema.values[at] !== ema.values[at] && ema.nulls[row] === 2)) continue;
      columns.begin(place, all[p]);
      columns.put('ema', '', ema.values[at], own, at);
      if (facts.withBar)
        columns.put('ema_bar', '_bar', barFrom + p < barUntil ? emaBar.values[barFrom + p] : NaN, bar, barFrom + p);
    }
  }
  return columns.finish(series.map(({ tf }) => tf));
}

/** The columns of a table of EMAs, filled row by row. */
class Columns {
  private readonly numbers: ReadonlyMap<string, Float64Array>;
  private readonly codes: Int32Array;
  private length = 0;

  constructor(
    private readonly facts: EmaTableFacts,
    most: number,
  ) {
    const names = facts.layout.fields.map(({ column }) => column).filter((column) => column !== 'tf');
    this.numbers = new Map(names.map((column) => [column, new Float64Array(most)]));
    this.codes = new Int32Array(most);
  }

  begin({ rank, ...place }: Readonly<Record<'id' | 'rank' | 'ts' | 'tf_days' | 'roll', number>>, period: number): void {
    const row = this.length++;
    this.codes[row] = rank;
    this.set('id', row, place.id);
    this.set('ts', row, place.ts);
    this.set('tf_days', row, place.tf_days);
    this.set('period', row, period);
    this.set('roll', row, place.roll);
    if (this.facts.withBar) this.set('roll_bar', row, place.roll);
  }

  put(
    column: 'ema' | 'ema_bar',
    suffix: '' | '_bar',
    value: number,
    { d1, d2, d1Roll, d2Roll }: ReturnType<typeof differencesOf>,
    at: number,
  ): void {
    const row = this.length - 1;
    this.set(column, row, value);
    this.set(`d1${suffix}`, row, d1[at]);
    this.set(`d2${suffix}`, row, d2[at]);
    this.set(`d1_roll${suffix}`, row, d1Roll[at]);
    this.set(`d2_roll${suffix}`, row, d2Roll[at]);
  }

  /** @param labels timeframes by rank */
  finish(labels: readonly string[]): ColumnTable {
    const columns = new Map<string, DecodedColumn>(
      [...this.numbers].map(([column, values]) => [
        column,
        { kind: 'number', numbers: values.subarray(0, this.length) },
      ]),
    );
    columns.set('tf', { kind: 'text', codes: this.codes.subarray(0, this.length), labels });
    return new ColumnTable(this.length, columns);
  }

  private set(column: string, row: number, value: number): void {
    (this.numbers.get(column) as Float64Array)[row] = value;
  }
}
