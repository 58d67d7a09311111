import { describe, expect, it } from 'vitest';
import { CMC_HEADER, cmcLine, memoryFile, MemorySink, RESEARCH_HEADER, researchLine } from '../test/memory.ts';
import { importPrices } from './import-prices.ts';
import { MAX_LINE_LENGTH } from './read-blocks.ts';

const DAY = '2025-10-25';
const close = (value: string): string => cmcLine(DAY, { close: value });

/** Name of the case, the bad line, then reason, column and shown value it must be rejected with. */
const BAD_CMC_LINES: [string, string, string, string | null, string][] = [
  ['a word for null', close('NaN'), 'null_word', 'close', 'NaN'],
  ['a dash', close('-'), 'null_word', 'close', '-'],
  ['SQL null', close('NULL'), 'null_word', 'close', 'NULL'],
  ['infinity', close('Infinity'), 'infinite', 'close', 'Infinity'],
  ['a number that overflows', close('1e999'), 'number_out_of_range', 'close', '1e999'],
  ['a number with a tail', close('101.25abc'), 'not_a_number', 'close', '101.25abc'],
  ['a currency sign', close('$101'), 'not_a_number', 'close', '$101'],
  ['a quoted decimal comma', close('"101,25"'), 'decimal_comma', 'close', '101,25'],
  ['a formula', close('=1+1'), 'not_a_number', 'close', '=1+1'],
  ['an unquoted decimal comma', close('101,25'), 'column_count', null, shown(close('101,25'))],
  ['a field too few', cmcLine(DAY).replace(',2781', ''), 'column_count', null, shown(cmcLine(DAY))],
  ['a field too many', `${cmcLine(DAY)},`, 'column_count', null, shown(cmcLine(DAY))],
  ['half a line', cmcLine(DAY).slice(0, 30), 'column_count', null, cmcLine(DAY).slice(0, 30)],
  ['a second header', CMC_HEADER, 'other_asset', 'name', 'name'],
  ['no timestamp', cmcLine(DAY, { timestamp: '' }), 'missing_timestamp', 'timestamp', ''],
  ['a day without time', cmcLine(DAY, { timestamp: DAY }), 'not_a_timestamp', 'timestamp', DAY],
  [
    'a time without zone',
    cmcLine(DAY, { timeHigh: `${DAY}T15:00:00.000` }),
    'timestamp_without_zone',
    'timeHigh',
    `${DAY}T15:00:00.000`,
  ],
  [
    'a day the calendar does not have',
    cmcLine(DAY, { timeLow: '2025-02-30T05:00:00.000Z' }),
    'impossible_date',
    'timeLow',
    '2025-02-30T05:00:00.000Z',
  ],
  [
    'a year the program cannot mean',
    cmcLine(DAY, { timestamp: '9999-12-31T23:59:59.999Z' }),
    'timestamp_out_of_range',
    'timestamp',
    '9999-12-31T23:59:59.999Z',
  ],
  ['another quote currency', cmcLine(DAY, { name: '2790' }), 'other_asset', 'name', '2790'],
  ['a name with a control character', cmcLine(DAY, { name: 'a\u0000b' }), 'unusable_name', 'name', 'a\\u0000b'],
  ['a quote that never closes', close('"101.25'), 'unclosed_quote', null, shown(close('"101.25'))],
  ['a quote in mid field', close('10"1'), 'misplaced_quote', null, shown(close('10"1'))],
  ['text after a closing quote', close('"101"25'), 'misplaced_quote', null, shown(close('"101"25'))],
  ['binary dirt', '\u0001\u0002\u0000', 'column_count', null, '\\u0001\\u0002\\u0000'],
  ['bytes that are not UTF-8', close('\ufffd'), 'not_utf8', null, shown(close('\ufffd'))],
  ['an endless line', 'x'.repeat(3 * MAX_LINE_LENGTH), 'line_too_long', null, shown('x'.repeat(50))],
];

const BAD_RESEARCH_LINES: [string, string, string, string | null, string][] = [
  [
    'a time that is not the close',
    researchLine(DAY, { Date: `${DAY} 12:00:00` }),
    'not_day_close',
    'Date',
    `${DAY} 12:00:00`,
  ],
  ['a date of a spreadsheet', researchLine(DAY, { Date: '25/10/2025' }), 'not_a_timestamp', 'Date', '25/10/2025'],
  ['no date', researchLine(DAY, { Date: '' }), 'missing_timestamp', 'Date', ''],
  ['another asset', researchLine(DAY, { Name: 'Cardano' }), 'other_asset', 'Name', 'Cardano'],
  ['no name', researchLine(DAY, { Name: '' }), 'missing_name', 'Name', ''],
  ['a word for null', researchLine(DAY, { Marketcap: 'nan' }), 'null_word', 'Marketcap', 'nan'],
];

function shown(line: string): string {
  return `${line.slice(0, 40)}…`;
}

describe('a bad line', () => {
  it.each(BAD_CMC_LINES)('of the export costs nothing else: %s', async (_, bad, reason, column, value) => {
    const content = [CMC_HEADER, cmcLine('2025-10-26'), bad, cmcLine('2025-10-24'), cmcLine('2025-10-23')].join('\n');
    await expectOneReject(content, { line: 3, reason, column, value });
  });

  it.each(BAD_RESEARCH_LINES)('of the research set costs nothing else: %s', async (_, bad, reason, column, value) => {
    const lines = [RESEARCH_HEADER, researchLine('2025-10-26'), bad, researchLine('2025-10-24')];
    await expectOneReject([...lines, researchLine('2025-10-23')].join('\n'), { line: 3, reason, column, value });
  });

  it('is rejected when it repeats a timestamp with other values, naming the first line', async () => {
    const content = [CMC_HEADER, cmcLine('2025-10-26'), cmcLine(DAY), '', cmcLine('2025-10-24'), close('102')].join(
      '\r\n',
    );
    const report = await expectOneReject(content, { line: 6, reason: 'duplicate_timestamp', column: 'timestamp' });
    expect(report.rejected[0].message).toBe('already on line 3 with other values; the first one is kept');
    expect(report.rejected[0].value).toBe(`${DAY}T23:59:59.999Z`);
  });
});

async function expectOneReject(content: string, expected: Record<string, unknown>) {
  for (const chunkBytes of [7, 100_000]) {
    const sink = new MemorySink();
    const report = await importPrices(memoryFile(content, chunkBytes), { id: 1, sink });
    expect(report.rejected).toEqual([{ ...report.rejected[0], ...expected }]);
    expect(report.rejected[0].message).not.toBe('');
    expect(report).toMatchObject({ rejectedCount: 1, rowsRead: 3, inserted: 3, linesRead: 4 });
    expect(sink.rows.size).toBe(3);
  }
  return importPrices(memoryFile(content), { id: 1 });
}
