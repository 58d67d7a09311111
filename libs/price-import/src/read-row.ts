import type { LineProblem } from './line-reject.ts';
import { shownValue } from './line-reject.ts';
import { DAY_MS, instantProblemText, parseDayClose, parseInstant, utcDay } from './parse-instant.ts';
import { numberProblemText, parseNumber } from './parse-number.ts';
import type { PriceFormat } from './price-format.ts';
import type { NumberColumn, SourceBatch } from './source-batch.ts';

/** Writes the fields of one line into row `row` of a batch; returns what is wrong, or null. `ts` is then finite. */
export type RowReader = (fields: readonly string[], batch: SourceBatch, row: number) => LineProblem | null;

/** File columns (lower case) and the batch columns they fill. */
const INSTANTS: readonly (readonly [string, NumberColumn])[] = [
  ['timestamp', 'ts'],
  ['timeopen', 'timeOpen'],
  ['timeclose', 'timeClose'],
  ['timehigh', 'timeHigh'],
  ['timelow', 'timeLow'],
];
const NUMBERS: readonly (readonly [string, NumberColumn])[] = [
  ['open', 'open'],
  ['high', 'high'],
  ['low', 'low'],
  ['close', 'close'],
  ['volume', 'volume'],
  ['marketcap', 'marketCap'],
  ['circulatingsupply', 'circulatingSupply'],
];

/** The reader of a recognised file kind's lines; a failed row leaves its cells undefined, to be overwritten. */
export function rowReaderFor(format: PriceFormat): RowReader {
  const numbers = placed(format, NUMBERS);
  return format.kind === 'cmc-export' ? cmcRowReader(format, numbers) : researchRowReader(format, numbers);
}

interface PlacedColumn {
  at: number;
  header: string;
  target: NumberColumn;
}

function placed(format: PriceFormat, columns: readonly (readonly [string, NumberColumn])[]): PlacedColumn[] {
  return columns
    .map(([name, target]) => ({ at: format.indexOf(name), header: format.columns[format.indexOf(name)], target }))
    .filter(({ at }) => at >= 0);
}

function cmcRowReader(format: PriceFormat, numbers: readonly PlacedColumn[]): RowReader {
  const instants = placed(format, INSTANTS);
  const timestamp = instants[0];
  return (fields, batch, row) => {
    for (const { at, header, target } of instants) {
      const ms = parseInstant(fields[at]);
      if (typeof ms === 'string') {
        return { reason: ms, column: header, value: shownValue(fields[at]), message: instantProblemText(ms) };
      }
      batch[target][row] = ms;
    }
    if (Number.isNaN(batch.ts[row])) return missingTimestamp(timestamp.header);
    batch.day[row] = utcDay(batch.ts[row]);
    return readNumbers(numbers, fields, batch, row);
  };
}

/**
 * The research set gives the day's high and low but not their instants. With null instants the 1D repair of
 * bars.md 3.1 would replace high by max(open, close) and low by min(open, close), so the instants follow that repair's
 * own convention and the prices stay. See docs/decisions/0007-research-set-extreme-times.md.
 */
function researchRowReader(format: PriceFormat, numbers: readonly PlacedColumn[]): RowReader {
  const dateAt = format.indexOf('date');
  const dateHeader = format.columns[dateAt];
  return (fields, batch, row) => {
    const timeOpen = parseDayClose(fields[dateAt]);
    if (typeof timeOpen === 'string') {
      return {
        reason: timeOpen,
        column: dateHeader,
        value: shownValue(fields[dateAt]),
        message: instantProblemText(timeOpen),
      };
    }
    if (Number.isNaN(timeOpen)) return missingTimestamp(dateHeader);
    const timeClose = timeOpen + DAY_MS - 1;
    batch.ts[row] = timeClose;
    batch.day[row] = utcDay(timeClose);
    batch.timeOpen[row] = timeOpen;
    batch.timeClose[row] = timeClose;
    const problem = readNumbers(numbers, fields, batch, row);
    if (problem !== null) return problem;
    const open = batch.open[row];
    const close = batch.close[row];
    batch.timeHigh[row] = extremeTime(batch.high[row], close - open, timeOpen, timeClose);
    batch.timeLow[row] = extremeTime(batch.low[row], open - close, timeOpen, timeClose);
    return null;
  };
}

/** Close instant when the day moved towards the extreme or not at all, else open instant; NaN without an extreme. */
function extremeTime(extreme: number, towards: number, timeOpen: number, timeClose: number): number {
  if (Number.isNaN(extreme) || Number.isNaN(towards)) return Number.NaN;
  return towards >= 0 ? timeClose : timeOpen;
}

function readNumbers(
  columns: readonly PlacedColumn[],
  fields: readonly string[],
  batch: SourceBatch,
  row: number,
): LineProblem | null {
  for (const { at, header, target } of columns) {
    const value = parseNumber(fields[at]);
    if (typeof value === 'string') {
      return { reason: value, column: header, value: shownValue(fields[at]), message: numberProblemText(value) };
    }
    batch[target][row] = value;
  }
  return null;
}

function missingTimestamp(column: string): LineProblem {
  return { reason: 'missing_timestamp', column, value: '', message: 'empty, but it is the key of the row' };
}
