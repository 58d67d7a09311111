import { ONE_DAY_MS } from '@ta/bars-core/engine';
import type { TargetColumn } from './format-shapes.ts';
import { type LineProblem, shownValue } from './line-reject.ts';
import { instantProblemText, parseDate, parseDayClose, parseInstant } from './parse-instant.ts';
import { type NumberParser, type NumberProblem, numberParser, numberProblemText } from './parse-number.ts';
import type { PriceFormat } from './price-format.ts';
import { CELL, type NumberColumn, type RowCells } from './source-batch.ts';
import type { ZoneDays } from './zone-days.ts';

/** Reads the fields of one line into the cells of a row; returns what is wrong, or null, in which case `ts` is finite. */
export type RowReader = (fields: readonly string[], cells: RowCells) => LineProblem | null;

/** Reads the instants of a row. */
type StampReader = RowReader;

interface PlacedColumn {
  readonly at: number;
  readonly header: string;
  /** Where the number goes in the cells of a row. */
  readonly target: number;
  readonly isPrice: boolean;
}

const INSTANTS = ['ts', 'timeOpen', 'timeClose', 'timeHigh', 'timeLow'] as const;
const PRICES = ['open', 'high', 'low', 'close'] as const;
const AMOUNTS = ['volume', 'marketCap', 'circulatingSupply'] as const;

/** The reader of a recognised file's lines. Cells of columns that the file does not have are left alone. */
export function rowReaderFor(format: PriceFormat, zone: ZoneDays): RowReader {
  const readStamp = stampReader(format, zone);
  const readNumbers = numbersReader(format);
  if (format.shape.stamp === 'instants') {
    return (fields, cells) => readStamp(fields, cells) ?? readNumbers(fields, cells);
  }
  return (fields, cells) => {
    const problem = readStamp(fields, cells) ?? readNumbers(fields, cells);
    if (problem === null) setExtremeTimes(cells);
    return problem;
  };
}

function stampReader(format: PriceFormat, zone: ZoneDays): StampReader {
  switch (format.shape.stamp) {
    case 'instants':
      return instantsReader(format);
    case 'date':
      return dayReader(
        format,
        (text) => parseDate(text, format.dateOrder),
        (day, cells) => {
          const [open, next] = [zone.startOf(day), zone.startOf(day + 1)];
          // its last instant would be that of the day before, whose row it would replace
          if (open === next) return 'a day in this zone, whose calendar left it out';
          return setDay(cells, open, next - 1);
        },
      );
    case 'day-close':
      return dayReader(format, parseDayClose, (open, cells) => setDay(cells, open, open + ONE_DAY_MS - 1));
    case 'open':
      return openReader(format, zone);
    case 'close':
      return dayReader(format, parseInstant, (close, cells) => {
        // the instant at which a day begins is also the one at which the day before has ended, and no day closes as it opens
        const last = zone.startOf(zone.dayOf(close)) === close ? close - 1 : close;
        setDay(cells, zone.startOf(zone.dayOf(last)), last);
      });
    case 'snapshot':
      // the price at midnight is the close of the day before: the instant before belongs to that day
      return dayReader(format, parseSnapshot, (taken, cells) => {
        setDay(cells, zone.startOf(zone.dayOf(taken - 1)), taken - 1);
      });
  }
}

/** The CoinMarketCap export gives all five instants. */
function instantsReader(format: PriceFormat): StampReader {
  const columns = INSTANTS.filter((target) => format.at[target] !== undefined).map((target) => place(format, target));
  return (fields, cells) => {
    for (const { at, header, target } of columns) {
      const ms = parsed(fields[at], parseInstant);
      if (typeof ms === 'string') return problemOf(ms, header, fields, at, instantProblemText(ms));
      cells[target] = ms;
    }
    if (Number.isNaN(cells[CELL.ts])) return missingTimestamp(columns[0].header);
    return null;
  };
}

/**
 * The reader of a format in which one cell gives the day.
 * @param set returns what the value should be if it is no day
 */
function dayReader(
  format: PriceFormat,
  parse: (text: string) => ReturnType<typeof parseInstant>,
  set: (value: number, cells: RowCells) => string | void,
): StampReader {
  const at = format.at.stamp as number;
  const header = format.columns[at];
  return (fields, cells) => {
    const value = parsed(fields[at], parse);
    if (typeof value === 'string') return problemOf(value, header, fields, at, instantProblemText(value));
    if (Number.isNaN(value)) return missingTimestamp(header);
    const expected = set(value, cells);
    return expected === undefined ? null : notADay(header, fields, at, expected);
  };
}

/** The reader of a format in which a cell says when the day opens; a second one may say when it closes. */
function openReader(format: PriceFormat, zone: ZoneDays): StampReader {
  const at = format.at.stamp as number;
  const header = format.columns[at];
  const closeAt = format.at.timeClose;
  return (fields, cells) => {
    const open = parsed(fields[at], parseInstant);
    if (typeof open === 'string') return problemOf(open, header, fields, at, instantProblemText(open));
    if (Number.isNaN(open)) return missingTimestamp(header);
    if (format.shape.opensAtMidnightUtc && open % ONE_DAY_MS !== 0) return notADay(header, fields, at, 'midnight UTC');
    let close = format.shape.opensAtMidnightUtc ? open + ONE_DAY_MS - 1 : closeOfDay(open, zone);
    if (closeAt !== undefined) {
      const told = parsed(fields[closeAt], parseInstant);
      const closeHeader = format.columns[closeAt];
      if (typeof told === 'string') return problemOf(told, closeHeader, fields, closeAt, instantProblemText(told));
      if (Math.floor(told) !== open + ONE_DAY_MS - 1)
        return notADay(closeHeader, fields, closeAt, 'the end of that day');
      close = told;
    }
    setDay(cells, open, close);
    return null;
  };
}

/** A day that opens with a civil day of the zone ends with it (23, 24 or 25 hours); any other day has 24 hours. */
function closeOfDay(open: number, zone: ZoneDays): number {
  const day = zone.dayOf(open);
  return zone.startOf(day) === open ? zone.startOf(day + 1) - 1 : open + ONE_DAY_MS - 1;
}

function parseSnapshot(text: string): ReturnType<typeof parseInstant> {
  return parseInstant(text.replace(/ UTC$/, 'Z'));
}

function setDay(cells: RowCells, open: number, close: number): void {
  cells[CELL.ts] = close;
  cells[CELL.timeOpen] = open;
  cells[CELL.timeClose] = close;
}

/**
 * Most files give the day's high and low but not their instants. With null instants the 1D repair of docs/bars.md would
 * replace high by max(open, close) and low by min(open, close), so the instants follow that repair's own convention and the
 * prices stay. See docs/decisions/0007-research-set-extreme-times.md.
 */
function setExtremeTimes(cells: RowCells): void {
  const change = cells[CELL.close] - cells[CELL.open];
  const [open, close] = [cells[CELL.timeOpen], cells[CELL.timeClose]];
  cells[CELL.timeHigh] = extremeTime(cells[CELL.high], change, open, close);
  cells[CELL.timeLow] = extremeTime(cells[CELL.low], -change, open, close);
}

/** Close instant when the day moved towards the extreme or not at all, else open instant; NaN without an extreme. */
function extremeTime(extreme: number, towards: number, timeOpen: number, timeClose: number): number {
  if (Number.isNaN(extreme) || Number.isNaN(towards)) return Number.NaN;
  return towards >= 0 ? timeClose : timeOpen;
}

function numbersReader(format: PriceFormat): RowReader {
  const parse = numberParser(format.numbers);
  const columns = [...PRICES, ...AMOUNTS]
    .filter((target) => format.at[target] !== undefined)
    .map((target) => place(format, target));
  const finish = adjustment(format, parse);
  return (fields, cells) => {
    for (const { at, header, target, isPrice } of columns) {
      const value = parsed(fields[at], parse);
      if (typeof value === 'string') return problemOf(value, header, fields, at, numberProblemText(value));
      // a price such as 1.234.567 is not one with two separators of thousands: a spreadsheet has lost its decimal point
      if (isPrice && format.numbers.isGrouped && isPointLost(fields[at])) {
        return problemOf('decimal_point_lost', header, fields, at, numberProblemText('decimal_point_lost'));
      }
      cells[target] = value;
    }
    return finish(fields, cells);
  };
}

function isPointLost(text: string): boolean {
  return /^\s*-?[0-9]{1,3}(?:\.[0-9]{3}){2,}\s*$/.test(text);
}

/** The last step for a row: scales its prices to the adjusted close, or makes the close all four prices. */
function adjustment(format: PriceFormat, parse: NumberParser): RowReader {
  if (format.isCloseOnly) {
    return (_, cells) => {
      cells[CELL.open] = cells[CELL.high] = cells[CELL.low] = cells[CELL.close];
      return null;
    };
  }
  if (!format.isAdjusted) return () => null;
  const at = format.at.adjusted as number;
  const header = format.columns[at];
  return (fields, cells) => {
    const adjusted = parsed(fields[at], parse);
    if (typeof adjusted === 'string') return problemOf(adjusted, header, fields, at, numberProblemText(adjusted));
    const factor = adjusted / cells[CELL.close];
    // a day of empty cells stays one; any other price times no factor would be infinite, unknown or upside down
    const isEmpty = Number.isNaN(adjusted) && Number.isNaN(cells[CELL.close]);
    if (!isEmpty && !(factor > 0 && factor < Infinity)) {
      return problemOf('no_factor', header, fields, at, 'with this close it gives no factor for the other prices');
    }
    for (const target of [CELL.open, CELL.high, CELL.low]) cells[target] *= factor;
    cells[CELL.close] = adjusted;
    return null;
  };
}

function place(format: PriceFormat, target: Extract<TargetColumn, NumberColumn>): PlacedColumn {
  const at = format.at[target] as number;
  return {
    at,
    header: format.columns[at],
    target: CELL[target],
    isPrice: (PRICES as readonly string[]).includes(target),
  };
}

/** Reads a cell as it is or, if that fails, without the blanks around it. */
function parsed<P extends string>(text: string, parse: (text: string) => number | P): number | P {
  const value = parse(text);
  if (typeof value === 'number') return value;
  const trimmed = text.trim();
  return trimmed.length === text.length ? value : parse(trimmed);
}

function problemOf(
  reason: LineProblem['reason'] | NumberProblem,
  column: string,
  fields: readonly string[],
  at: number,
  message: string,
): LineProblem {
  return { reason, column, value: shownValue(fields[at].trim()), message };
}

function notADay(column: string, fields: readonly string[], at: number, expected: string): LineProblem {
  return problemOf('not_a_day', column, fields, at, `not ${expected}: the row does not cover a whole day`);
}

function missingTimestamp(column: string): LineProblem {
  return { reason: 'missing_timestamp', column, value: '', message: 'empty, but it is the key of the row' };
}
