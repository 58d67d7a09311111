import { ImportError } from './errors.ts';
import type { FormatShape, StampReading, TargetColumn } from './format-shapes.ts';
import { shownValue } from './line-reject.ts';

/** What a column can be chosen as: the names in a choice, and the columns they stand for. */
const CHOICES: Readonly<Record<string, TargetColumn>> = {
  date: 'stamp',
  open_time: 'stamp',
  close_time: 'stamp',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  adj_close: 'adjusted',
  volume: 'volume',
  market_cap: 'marketCap',
  circulating_supply: 'circulatingSupply',
  name: 'name',
  symbol: 'symbol',
};
const STAMPS: Readonly<Record<string, StampReading>> = { date: 'date', open_time: 'open', close_time: 'close' };

/** The chosen column of a file, by header name or as `#3`, for each of `date`, `open_time` or `close_time`, and the numbers. */
export type ColumnChoice = Readonly<Record<string, string>>;

/**
 * Reads a choice of columns: `date=Datum,open=Eröffnung,close=#5`.
 *
 * @throws ImportError `IMPORT_BAD_OPTION` for an unknown or repeated target, a missing price, or not exactly one of date,
 *   open_time and close_time
 */
export function parseColumnChoice(text: string): ColumnChoice {
  const choice: Record<string, string> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const [target, column] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (at < 0 || column === '') throw badChoice(`"${shownValue(part)}" is not of the form open=COLUMN`);
    if (!Object.hasOwn(CHOICES, target)) {
      throw badChoice(`"${shownValue(target)}" is not one of ${Object.keys(CHOICES).join(', ')}`);
    }
    if (target in choice) throw badChoice(`${target} is given twice`);
    choice[target] = column;
  }
  const stamps = Object.keys(STAMPS).filter((name) => name in choice);
  if (stamps.length !== 1) throw badChoice('expected one of date, open_time and close_time');
  const missing =
    'open' in choice || 'high' in choice || 'low' in choice ? ['open', 'high', 'low', 'close'] : ['close'];
  const lacking = missing.filter((name) => !(name in choice));
  if (lacking.length > 0) throw badChoice(`${lacking.join(', ')} ${lacking.length === 1 ? 'is' : 'are'} missing`);
  return choice;
}

/**
 * The shape of a file whose columns were chosen.
 *
 * @param columns the fields of the first line: the header, unless all columns are chosen by position
 * @throws ImportError `IMPORT_UNKNOWN_FORMAT` when a chosen column does not exist or its name occurs twice
 */
export function profileShape(choice: ColumnChoice, columns: readonly string[], fileName: string) {
  const at: Partial<Record<TargetColumn, number>> = {};
  const names = columns.map((column) => column.toLowerCase());
  for (const [target, column] of Object.entries(choice)) {
    at[CHOICES[target]] = positionOf(column, names, columns, fileName);
  }
  const stamp = STAMPS[Object.keys(STAMPS).find((name) => name in choice) as string];
  const hasHeader = !Object.values(choice).every(isPosition);
  return { shape: shapeOf(choice, stamp), at, hasHeader };
}

function shapeOf(choice: ColumnChoice, stamp: StampReading): FormatShape {
  return {
    kind: 'columns',
    label: 'chosen columns',
    header: Object.values(choice).join(','),
    stamp,
    isGrouped: true,
    opensAtMidnightUtc: false,
  };
}

function isPosition(column: string): boolean {
  return /^#[1-9][0-9]*$/.test(column);
}

function positionOf(column: string, names: readonly string[], columns: readonly string[], fileName: string): number {
  if (isPosition(column)) {
    const position = Number(column.slice(1)) - 1;
    if (position < columns.length) return position;
    throw unknownColumn(fileName, `there is no column ${column}, only ${columns.length}`);
  }
  const position = names.indexOf(column.toLowerCase());
  if (position < 0) {
    const shown = columns.slice(0, 20).map((name) => `"${shownValue(name)}"`);
    throw unknownColumn(fileName, `there is no column "${shownValue(column)}" among ${shown.join(', ')}`);
  }
  if (names.lastIndexOf(column.toLowerCase()) !== position) {
    throw unknownColumn(fileName, `the column "${shownValue(column)}" occurs twice`);
  }
  return position;
}

function unknownColumn(fileName: string, message: string): ImportError {
  return new ImportError('IMPORT_UNKNOWN_FORMAT', `${fileName}: ${message}`, {
    hint: 'Columns are chosen by their name in the header, or by place: --columns date=#1,open=#2,high=#3,low=#4,close=#5',
    context: { fileName },
  });
}

function badChoice(message: string): ImportError {
  return new ImportError('IMPORT_BAD_OPTION', `--columns: ${message}`, {
    hint: 'Example: --columns date=Day,open=Open,high=High,low=Low,close=Last,volume=Volume',
  });
}
