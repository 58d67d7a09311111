import { ONE_DAY_MS } from '@ta/bars-core/engine';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { ColumnTable } from '@ta/state-store';
import { GoldenError } from './errors.ts';
import { kindOf, type ColumnKind } from './golden-columns.ts';
import { Rows } from './rows.ts';

/**
 * Reads one `NAME.csv.gz` of a golden folder; its columns are in the order of the file.
 *
 * An empty field and the word `NaN` both become NaN (numbers) or null (text): in a column both mean "not known".
 * Instants and the two missing-day columns become epoch ms UTC, flags 0 or 1.
 *
 * @throws GoldenError `GOLDEN_MISSING_FILE`, `GOLDEN_BAD_FILE`
 */
export async function readGoldenTable(folder: string, name: string): Promise<Rows> {
  const path = `${folder}/${name}.csv.gz`;
  if (!existsSync(path)) {
    throw new GoldenError('GOLDEN_MISSING_FILE', `There is no golden file ${name}.csv.gz in ${folder}.`);
  }
  let columns: readonly string[] = [];
  let builders: ColumnBuilder[] = [];
  let lineNumber = 0;
  for (const line of linesOf(gunzipSync(await readFile(path)).toString('utf8'))) {
    const fields = splitCsvLine(line);
    if (lineNumber++ === 0) {
      columns = fields;
      builders = columns.map((column) => columnBuilder(kindOf(column)));
      continue;
    }
    if (fields.length !== columns.length) {
      const text = `${name} line ${lineNumber}: ${fields.length} fields, expected ${columns.length}`;
      throw new GoldenError('GOLDEN_BAD_FILE', text);
    }
    for (let i = 0; i < fields.length; i++) builders[i].add(fields[i], name, lineNumber);
  }
  const length = Math.max(0, lineNumber - 1);
  const table = new ColumnTable(length, new Map(columns.map((column, i) => [column, builders[i].finish()])));
  return new Rows(table, columns);
}

/** The lines of a text without their line ends; a line end at the end of the text adds no empty line. */
function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const found = text.indexOf('\n', from);
    const until = found < 0 ? text.length : found;
    yield text.slice(from, text[until - 1] === '\r' && until > from ? until - 1 : until);
    from = until + 1;
  }
}

type DecodedColumn = ConstructorParameters<typeof ColumnTable>[1] extends ReadonlyMap<string, infer C> ? C : never;

interface ColumnBuilder {
  add(field: string, name: string, line: number): void;
  finish(): DecodedColumn;
}

function columnBuilder(kind: ColumnKind): ColumnBuilder {
  if (kind === 'text') return textBuilder();
  const values: number[] = [];
  const parse = PARSERS[kind];
  return {
    add(field, name, line) {
      const value = field === '' || field === 'NaN' ? Number.NaN : parse(field);
      if (Number.isNaN(value) && field !== '' && field !== 'NaN') {
        throw new GoldenError('GOLDEN_BAD_FILE', `${name} line ${line}: "${field}" is no ${kind}`);
      }
      values.push(value);
    },
    finish: () => ({ kind: 'number', numbers: Float64Array.from(values) }),
  };
}

function textBuilder(): ColumnBuilder {
  const codes: number[] = [];
  const labels: string[] = [];
  const known = new Map<string, number>();
  return {
    add(field) {
      let code = field === '' ? -1 : known.get(field);
      if (code === undefined) {
        code = labels.length;
        labels.push(field);
        known.set(field, code);
      }
      codes.push(code);
    },
    finish: () => ({ kind: 'text', codes: Int32Array.from(codes), labels }),
  };
}

const PARSERS: Readonly<Record<Exclude<ColumnKind, 'text'>, (field: string) => number>> = {
  instant: parseInstant,
  day: parseInstant,
  count: parseWhole,
  flag: (field) => (field === 't' ? 1 : field === 'f' ? 0 : Number.NaN),
  price: Number,
  ema: Number,
  derivative: Number,
};

function parseWhole(field: string): number {
  const value = Number(field);
  return Number.isInteger(value) ? value : Number.NaN;
}

/** Parsed instants by their texts: the same few thousand occur in every table. */
const instants = new Map<string, number>();

function parseInstant(field: string): number {
  let instant = instants.get(field);
  if (instant === undefined) instants.set(field, (instant = instantOf(field)));
  return instant;
}

/** `YYYY-MM-DD HH:MM:SS[.fff]+00` as epoch ms UTC; NaN for anything else. */
function instantOf(field: string): number {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}):(\d{2}):(\d{2})(\.\d{1,3})?\+00$/.exec(field);
  if (match === null) return Number.NaN;
  const [, day, hours, minutes, seconds, fraction = '.0'] = match;
  const clock = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
  return clock >= ONE_DAY_MS
    ? Number.NaN
    : Date.parse(`${day}T00:00:00Z`) + clock + Math.round(Number(fraction) * 1000);
}

/** Fields of one CSV line; a field in double quotes may hold commas and doubled quotes, but no line break. */
export function splitCsvLine(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy;
  for (let match = field.exec(line); match !== null; match = field.exec(line)) {
    fields.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] === '') break;
  }
  return fields;
}
