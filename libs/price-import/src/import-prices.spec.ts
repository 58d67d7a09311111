import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import { parseCivilDay, tradingDays } from '@ta/bars-core/engine';
import { describe, expect, it } from 'vitest';
import { CMC_HEADER, cmcLine, memoryFile, MemorySink, RESEARCH_HEADER, researchLine } from '../test/memory.ts';
import { importPrices, type ImportOptions } from './import-prices.ts';
import { rejectedLineText } from './line-reject.ts';
import { utcDayText } from './parse-instant.ts';
import type { ImportProgress } from './scan-file.ts';

const cmcFile = (...lines: string[]): string => `${[CMC_HEADER, ...lines].join('\n')}\n`;
const at = (iso: string): number => Date.parse(iso);
const DAY = 20_000;

describe('a CoinMarketCap export', () => {
  it('becomes the rows of the source table', async () => {
    const sink = new MemorySink();
    const report = await importPrices(memoryFile(cmcFile(cmcLine('2025-10-26')), 9, 'btc.csv'), { id: 1, sink });
    expect([...sink.rows]).toEqual([
      [
        `1/${at('2025-10-26T23:59:59.999Z')}`,
        [
          at('2025-10-26T23:59:59.999Z'),
          at('2025-10-26T00:00:00.000Z'),
          at('2025-10-26T23:59:59.999Z'),
          at('2025-10-26T15:00:00.000Z'),
          at('2025-10-26T05:00:00.000Z'),
          100,
          110.5,
          95,
          101.25,
          1000,
          2.28e12,
          Number.NaN,
          20_387,
          'asset 1',
          'btc.csv',
        ],
      ],
    ]);
    expect(report).toMatchObject({
      outcome: 'imported',
      format: 'cmc-export',
      quoteId: '2781',
      fileAsset: { name: null, symbol: null },
      asset: { id: 1, name: 'asset 1', symbol: null, isCloseOnly: false },
      assetChange: 'created',
      firstDay: '2025-10-26',
      lastDay: '2025-10-26',
      notices: [],
    });
  });

  it('means the same with semicolons, CRLF, a byte order mark, quotes, gzip and shuffled columns', async () => {
    const lines = [CMC_HEADER, cmcLine('2025-10-26'), cmcLine('2025-10-25', { close: '', volume: '1e3' })];
    const shuffled = lines.map((line) => line.split(',').reverse().join(','));
    const plain = lines.join('\n');
    const variants = [
      plain,
      `${plain}\n`,
      `\ufeff${plain.replaceAll('\n', '\r\n')}\r\n`,
      plain.replaceAll(',', ';'),
      plain.replaceAll(/[^,\n]+/g, '"$&"'),
      shuffled.join('\n'),
      `\n\n${plain.replaceAll('\n', '\n\n')}\n \n`,
      plain.replaceAll(',', ' ,\t'),
    ];
    const results = [];
    for (const content of [...variants, gzipSync(plain)]) {
      const sink = new MemorySink();
      const report = await importPrices(memoryFile(content), { id: 1, sink });
      results.push({ rows: [...sink.rows], rejected: report.rejected, inserted: report.inserted });
    }
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0]).toMatchObject({ inserted: 2, rejected: [] });
  });

  it('reads circulating supply where the export has it, and empty cells as not known', async () => {
    const content =
      'timeopen;timeclose;timehigh;timelow;name;open;high;low;close;volume;marketcap;circulatingsupply;timestamp\n' +
      ';;;;;;;;;;;19700000;2025-10-26T23:59:59.999Z\n';
    const sink = new MemorySink();
    await importPrices(memoryFile(content), { id: 1, sink });
    const [row] = sink.rows.values();
    const unknown = new Array<number>(10).fill(Number.NaN);
    expect(row.slice(0, 12)).toEqual([at('2025-10-26T23:59:59.999Z'), ...unknown, 19_700_000]);
  });

  it('leaves extreme instants the export does not tell unknown', async () => {
    const sink = new MemorySink();
    await importPrices(memoryFile(cmcFile(cmcLine('2025-10-26', { timeHigh: '', timeLow: '' }))), { id: 1, sink });
    expect([...sink.rows.values()][0].slice(3, 5)).toEqual([Number.NaN, Number.NaN]);
  });

  it('warns of a quote currency other than the dollar, of unread columns and of two rows in a day', async () => {
    const content =
      `${CMC_HEADER},note\n${cmcLine('2025-10-26', { name: '2790' })},x\n` +
      `${cmcLine('2025-10-26', { name: '2790', timestamp: '2025-10-26T11:59:59.999Z' })},y\n`;
    const report = await importPrices(memoryFile(content), { id: 1 });
    expect(report).toMatchObject({
      quoteId: '2790',
      ignoredColumns: ['note'],
      sameDayRows: 1,
      notices: ['quote_not_usd', 'columns_ignored', 'several_rows_per_day'],
    });
  });
});

describe('a research set', () => {
  it('keeps the true high and low: the extreme instants stand inside the day', async () => {
    const rises = researchLine('2015-08-08', { Open: '1', Close: '2', High: '3', Low: '0.5' });
    const falls = researchLine('2015-08-09', { Open: '2', Close: '1', High: '3', Low: '0.5' });
    const stays = researchLine('2015-08-10', { Open: '2', Close: '2', High: '3', Low: '0.5' });
    const sink = new MemorySink();
    const content = [RESEARCH_HEADER, rises, falls, stays].join('\n');
    const report = await importPrices(memoryFile(content), { id: 1027, sink });
    const opens = [8, 9, 10].map((day) => Date.UTC(2015, 7, day));
    const closes = opens.map((open) => open + 86_399_999);
    expect([...sink.rows.values()].map((row) => row.slice(0, 9))).toEqual([
      [closes[0], opens[0], closes[0], closes[0], opens[0], 1, 3, 0.5, 2],
      [closes[1], opens[1], closes[1], opens[1], closes[1], 2, 3, 0.5, 1],
      [closes[2], opens[2], closes[2], closes[2], closes[2], 2, 3, 0.5, 2],
    ]);
    expect(report).toMatchObject({
      format: 'research-set',
      inferredExtremeTimes: 3,
      notices: ['extreme_times_inferred'],
      asset: { id: 1027, name: 'Ethereum', symbol: 'ETH' },
    });
  });

  it('sets no instant for an extreme it does not have', async () => {
    const sink = new MemorySink();
    const lines = [researchLine('2015-08-08', { High: '' }), researchLine('2015-08-09', { Open: '' })];
    await importPrices(memoryFile([RESEARCH_HEADER, ...lines].join('\n')), { id: 1, sink });
    const instants = [...sink.rows.values()].map((row) => row.slice(3, 5));
    expect(instants).toEqual([
      [Number.NaN, Date.UTC(2015, 7, 9) - 1],
      [Number.NaN, Number.NaN],
    ]);
  });
});

describe('the asset row', () => {
  const research = [RESEARCH_HEADER, researchLine('2015-08-08')].join('\n');

  it('comes before the first row of prices and is left alone when nothing differs', async () => {
    const sink = new MemorySink();
    const order: string[] = [];
    const watched = new MemorySink();
    watched.saveAsset = (asset) => (order.push('asset'), sink.saveAsset(asset));
    watched.findAsset = (id) => sink.findAsset(id);
    watched.upsert = (rows) => (order.push('rows'), sink.upsert(rows));
    await importPrices(memoryFile(research), { id: 5, sink: watched });
    const again = await importPrices(memoryFile(research), { id: 5, sink: watched });
    expect(order).toEqual(['asset', 'rows', 'rows']);
    expect(again).toMatchObject({ assetChange: 'none', inserted: 0, updated: 0, unchanged: 1 });
  });

  it('takes a given name while it has none, and so do the rows; another name is another asset', async () => {
    const sink = new MemorySink();
    await importPrices(memoryFile(cmcFile(cmcLine('2015-08-08'))), { id: 5, sink });
    const report = await importPrices(memoryFile(cmcFile(cmcLine('2015-08-08'))), { id: 5, name: 'Ether', sink });
    expect(report).toMatchObject({ assetChange: 'changed', updated: 1, correctedDays: 1, asset: { name: 'Ether' } });
    const again = importPrices(memoryFile(cmcFile(cmcLine('2015-08-08'))), { id: 5, name: 'Bitcoin', sink });
    await expect(again).rejects.toMatchObject({ code: 'IMPORT_OTHER_ASSET' });
  });

  it('refuses the prices of another asset before anything is written', async () => {
    const sink = new MemorySink();
    sink.assets.set(1, { id: 1, name: 'Bitcoin', symbol: 'BTC', isCloseOnly: false });
    await expect(importPrices(memoryFile(research), { id: 1, sink })).rejects.toMatchObject({
      code: 'IMPORT_OTHER_ASSET',
      hint: expect.stringContaining('--replace-asset'),
    });
    expect(sink.rows.size).toBe(0);
  });

  it('is checked by a name that turns up late in the file', async () => {
    const content = cmcFile(cmcLine('2025-10-26', { name: '' }), cmcLine('2025-10-25', { name: 'Litecoin' }));
    const sink = new MemorySink();
    sink.assets.set(1, { id: 1, name: 'Bitcoin', symbol: 'BTC', isCloseOnly: false });
    await expect(importPrices(memoryFile(content), { id: 1, sink })).rejects.toMatchObject({
      code: 'IMPORT_OTHER_ASSET',
    });
  });

  it('is not made by a file without rows', async () => {
    const sink = new MemorySink();
    for (const content of [CMC_HEADER, cmcFile('broken')]) {
      await importPrices(memoryFile(content), { id: 1, sink });
    }
    expect(sink.assets.size).toBe(0);
  });
});

describe('an import', () => {
  const days = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, n) => cmcLine(utcDayText(from + n)));

  it('counts rows and days that are new, corrected, and already there', async () => {
    const sink = new MemorySink();
    const report = await importPrices(memoryFile(cmcFile(...days(DAY, 25))), { id: 1, sink });
    expect(report).toMatchObject({ rowsRead: 25, inserted: 25, updated: 0, unchanged: 0, newDays: 25 });
    const lines = days(DAY + 5, 25);
    lines[3] = cmcLine(utcDayText(DAY + 8), { close: '101.5' });
    const again = await importPrices(memoryFile(cmcFile(...lines)), { id: 1, sink });
    expect(again).toMatchObject({ rowsRead: 25, inserted: 5, updated: 1, unchanged: 19, newDays: 5, correctedDays: 1 });
  });

  it('calls a later row of a stored day a correction of that day', async () => {
    const sink = new MemorySink();
    const unfinished = cmcLine('2024-01-21', { timestamp: '2024-01-21T14:35:00.000Z' });
    await importPrices(memoryFile(cmcFile(cmcLine('2024-01-20'), unfinished)), { id: 1, sink });
    const report = await importPrices(memoryFile(cmcFile(...['2024-01-21', '2024-01-22'].map((d) => cmcLine(d)))), {
      id: 1,
      sink,
    });
    expect(report).toMatchObject({ inserted: 2, newDays: 1, correctedDays: 1 });
  });

  it('says so of days of which a later row is stored, since bars use that one', async () => {
    const sink = new MemorySink();
    const klines = (opens: string, closes: string, price: number, count: number) =>
      Array.from({ length: count }, (_, n) => Date.UTC(2025, 0, 1 + n)).map(
        (ms) => `${ms}${opens},1,2,1,${price},5,${ms + 86_399_999}${closes},5,5,5,5,0`,
      );
    await importPrices(memoryFile(klines('000', '999', 1.5, 3).join('\n')), { id: 1, sink });
    const inMilliseconds = memoryFile(klines('', '', 1.75, 4).join('\n'));
    const outdone = { count: 3, firstDay: '2025-01-01' };
    const check = await importPrices(inMilliseconds, { id: 1, stored: sink });
    expect(check).toMatchObject({ newDays: 1, correctedDays: 0, outdone });
    const report = await importPrices(inMilliseconds, { id: 1, sink });
    expect(report).toMatchObject({ inserted: 4, newDays: 1, correctedDays: 0, outdone });
    expect(report.notices).toContain('later_rows_stored');
    const replaced = await importPrices(inMilliseconds, { id: 1, sink, replaceAsset: true });
    expect(replaced).toMatchObject({ newDays: 4, outdone: { count: 0, firstDay: null } });
  });

  it('has the same result newest first and oldest first', async () => {
    const lines = [...days(DAY, 10), ...days(DAY + 12, 3)];
    const forwards = new MemorySink();
    const backwards = new MemorySink();
    const report = await importPrices(memoryFile(cmcFile(...lines)), { id: 1, sink: forwards });
    const reversed = await importPrices(memoryFile(cmcFile(...lines.reverse())), { id: 1, sink: backwards });
    expect(reversed).toEqual(report);
    expect(new Map([...backwards.rows].sort())).toEqual(new Map([...forwards.rows].sort()));
    expect(report).toMatchObject({
      firstDay: utcDayText(DAY),
      lastDay: utcDayText(DAY + 14),
      missingDays: 2,
      gapCount: 1,
      gaps: [{ firstDay: utcDayText(DAY + 10), lastDay: utcDayText(DAY + 11), days: 2 }],
    });
  });

  it('ignores repeated equal lines and counts them', async () => {
    const sink = new MemorySink();
    const lines = days(DAY, 5);
    const report = await importPrices(memoryFile(cmcFile(...lines, ...lines)), { id: 1, sink });
    expect(report).toMatchObject({ linesRead: 10, rowsRead: 5, duplicatesIgnored: 5, rejectedCount: 0, inserted: 5 });
  });

  it('counts every rejected line but lists only the first ones', async () => {
    const lines = days(DAY, 50).map((line) => line.replace('110.5', 'high'));
    const report = await importPrices(memoryFile(cmcFile(...lines)), { id: 1, maxRejectsListed: 3 });
    expect(report).toMatchObject({ rejectedCount: 50, rowsRead: 0, firstDay: null, missingDays: 0 });
    expect(report.rejected.map(rejectedLineText)).toEqual([
      'line 2, high: "high": not a plain decimal number',
      'line 3, high: "high": not a plain decimal number',
      'line 4, high: "high": not a plain decimal number',
    ]);
  });

  it.each([
    ['bad', 'x', '1 lines gave a row, 10000 were refused (most of them as this one: line 3: '],
    ['repeated', cmcLine('2025-10-26'), '1 lines gave a row, 0 were refused, 10000 repeated and 990000 blank'],
    ['blank', '', '1 lines gave a row, 0 were refused, 0 repeated and 1000000 blank'],
  ])('gives up a file of %s lines without end, and says what they were', async (_, line, counts) => {
    // blank ones after them, which are read faster
    function* endless() {
      yield Buffer.from(cmcFile(cmcLine('2025-10-26')));
      yield Buffer.from(`${line}\n`.repeat(10_000));
      for (;;) yield Buffer.from('\n'.repeat(10_000));
    }
    const open = () => Readable.from(endless()).pipe(createGzip({ level: 1 }));
    const file = { name: 'prices.csv.gz', sizeBytes: null, open };
    const sink = new MemorySink();
    const message = `prices.csv.gz: given up at line 1000003: ${counts}`;
    await expect(importPrices(file, { id: 1, sink, keepPartial: true })).rejects.toMatchObject({
      ...{ code: 'IMPORT_NO_ROWS', message: expect.stringContaining(message) as string },
    });
    expect(sink.rows.size).toBe(0);
  });

  it('only checks without a sink', async () => {
    const report = await importPrices(memoryFile(cmcFile(...days(DAY, 5))), { id: 1 });
    expect(report).toMatchObject({ outcome: 'checked', rowsRead: 5, inserted: 0, asset: null });
  });

  it('without a sink counts what it would do to what is stored, and does nothing', async () => {
    const sink = new MemorySink();
    const read = async (options: Partial<ImportOptions>, ...lines: string[]) =>
      importPrices(memoryFile(cmcFile(...lines)), { id: 1, ...options });
    await read({ sink }, ...days(DAY, 10));
    const [rows, assets] = [new Map(sink.rows), new Map(sink.assets)];
    const lines = [...days(DAY + 2, 5), ...days(DAY + 9, 4)];
    lines[1] = cmcLine(utcDayText(DAY + 3), { close: '101.5' });
    for (const options of [{}, { replaceAsset: true }]) {
      const { outcome, ...checked } = await read({ ...options, stored: sink }, ...lines);
      expect(outcome).toBe('checked');
      expect([sink.rows, sink.assets]).toEqual([rows, assets]);
      const copy = new MemorySink();
      for (const [key, row] of rows) copy.rows.set(key, row);
      for (const [id, asset] of assets) copy.assets.set(id, asset);
      expect({ outcome: 'imported', ...checked }).toEqual(await read({ ...options, sink: copy }, ...lines));
    }
    const compared = await read({ stored: sink }, ...lines);
    expect(compared).toMatchObject({ newDays: 3, correctedDays: 1, unchanged: 5, otherDays: 2, replacedRows: 0 });
    const replaced = await read({ stored: sink, replaceAsset: true }, ...lines);
    expect(replaced).toMatchObject({ newDays: 9, correctedDays: 0, unchanged: 0, otherDays: 0, replacedRows: 10 });
  });

  it('warns of prices at or below zero: how many days, and the first of them', async () => {
    const lines = days(DAY, 6).reverse();
    lines[1] = cmcLine(utcDayText(DAY + 4), { low: '0' });
    lines[3] = cmcLine(utcDayText(DAY + 2), { low: '-37.63', close: '-0.5' });
    const report = await importPrices(memoryFile(cmcFile(...lines)), { id: 1, sink: new MemorySink() });
    expect(report).toMatchObject({
      rowsRead: 6,
      rejectedCount: 0,
      zeroOrLess: { count: 2, firstDay: utcDayText(DAY + 2) },
    });
    expect(report.notices).toEqual(['prices_zero_or_less']);
    const good = await importPrices(memoryFile(cmcFile(...days(DAY, 6))), { id: 1 });
    expect(good).toMatchObject({ zeroOrLess: { count: 0, firstDay: null }, notices: [] });
  });

  it('warns of days without open or close, which replace stored prices and get no bar', async () => {
    const sink = new MemorySink();
    await importPrices(memoryFile(cmcFile(...days(DAY, 3))), { id: 1, sink });
    const lines = [
      cmcLine(utcDayText(DAY)),
      ...[1, 2].map((n) => cmcLine(utcDayText(DAY + n), { [n === 1 ? 'open' : 'close']: '' })),
    ];
    const report = await importPrices(memoryFile(cmcFile(...lines)), { id: 1, sink });
    expect(report).toMatchObject({ correctedDays: 2, unpriced: { count: 2, firstDay: utcDayText(DAY + 1) } });
    expect(report.notices).toContain('days_without_price');
  });

  it('warns of days whose opening, in a column of its own, lies in the day before', async () => {
    const opened = async (zone: string, ...hours: string[]) => {
      const file = memoryFile(['at,c', ...hours.map((hour, n) => `2024-01-0${2 + n}T${hour}:00Z,1`)].join('\n'));
      const columns = { open_time: 'at', close: 'c' };
      const { openedBefore, notices } = await importPrices(file, { id: 1, zone, columns, closeOnly: true });
      return [openedBefore.count, openedBefore.firstDay, notices.includes('days_opened_before')];
    };
    expect(await opened('UTC', '00:00', '05:00', '05:00')).toEqual([2, '2024-01-04', true]);
    expect(await opened('America/New_York', '05:00', '05:00')).toEqual([0, null, false]);
  });

  it('takes days without trading for missing only where the asset, or every week of the file, says nothing of them', async () => {
    // 2024-01-01 is a Monday
    const weekdays = (weeks: number) =>
      Array.from({ length: weeks * 5 }, (_, i) => cmcLine(utcDayText(19_723 + Math.floor(i / 5) * 7 + (i % 5))));
    const lines = weekdays(4).toSpliced(2, 1);
    const alone = await importPrices(memoryFile(cmcFile(...lines)), { id: 1 });
    expect(alone).toMatchObject({ missingDays: 1, gaps: [{ firstDay: '2024-01-03' }], restingDays: 'weekends' });
    const few = await importPrices(memoryFile(cmcFile(...weekdays(2))), { id: 1 });
    expect(few).toMatchObject({ missingDays: 2, gaps: [{ firstDay: '2024-01-06' }], restingDays: null });
    const sink = new MemorySink();
    sink.trading = tradingDays({ closeRule: 'market', weekdays: 'Mon-Fri', holidays: [parseCivilDay('2024-01-03')] });
    const imported = await importPrices(memoryFile(cmcFile(...lines)), { id: 1, sink });
    expect(imported).toMatchObject({ missingDays: 0, gapCount: 0, gaps: [], restingDays: 'calendar' });
    const checked = await importPrices(memoryFile(cmcFile(...weekdays(2))), { id: 1, stored: sink });
    expect(checked).toMatchObject({ missingDays: 0, restingDays: 'calendar' });
  });

  it('writes nothing of a file with a bad line when it is strict', async () => {
    const sink = new MemorySink();
    const content = cmcFile(...days(DAY, 5), 'bad');
    const refused = await importPrices(memoryFile(content), { id: 1, sink, strict: true });
    expect(refused).toMatchObject({ outcome: 'refused', rejectedCount: 1, inserted: 0, asset: null });
    expect([sink.rows.size, sink.assets.size]).toEqual([0, 0]);
    const good = await importPrices(memoryFile(cmcFile(...days(DAY, 5))), { id: 1, sink, strict: true });
    expect(good).toMatchObject({ outcome: 'imported', inserted: 5 });
  });

  it('tells how far it has come, up to the whole file', async () => {
    const content = gzipSync(cmcFile(...days(DAY, 500)));
    const seen: ImportProgress[] = [];
    const onProgress = (progress: ImportProgress): void => void seen.push(progress);
    await importPrices(memoryFile(content, 100), { id: 1, sink: new MemorySink(), strict: true, onProgress });
    expect(seen.at(-1)).toEqual({ bytesRead: content.length, totalBytes: content.length, linesRead: 500 });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const onProgress = (): void => stop.abort(new Error('stopped'));
    const reading = importPrices(memoryFile(cmcFile(...days(DAY, 50))), { id: 1, onProgress, signal: stop.signal });
    await expect(reading).rejects.toThrow('stopped');
  });

  it.each(['', '  ', '""', ' " " '])('takes %j for a blank line, neither read nor refused', async (blank) => {
    const report = await importPrices(memoryFile(cmcFile(...days(DAY, 2), blank, ...days(DAY + 2, 1))), { id: 1 });
    expect(report).toMatchObject({ linesRead: 3, rowsRead: 3, rejectedCount: 0 });
  });

  it('passes on what the sink throws', async () => {
    const sink = new MemorySink();
    sink.upsert = () => Promise.reject(new Error('database gone'));
    await expect(importPrices(memoryFile(cmcFile(...days(DAY, 5))), { id: 1, sink })).rejects.toThrow('database gone');
  });

  it.each([
    ['an empty file', '', 'IMPORT_EMPTY_FILE'],
    ['only blank lines', '\n\r\n \n', 'IMPORT_EMPTY_FILE'],
    ['only a byte order mark', '\ufeff', 'IMPORT_EMPTY_FILE'],
    ['an unknown header', 'date,price\n2025-10-26,1\n', 'IMPORT_UNKNOWN_FORMAT'],
    ['no header', `${cmcLine('2025-10-26')}\n`, 'IMPORT_UNKNOWN_FORMAT'],
    ['bare carriage returns', cmcFile(cmcLine('2025-10-26')).replaceAll('\n', '\r'), 'IMPORT_UNKNOWN_FORMAT'],
    ['JSON', '[{"date": "2025-10-26", "close": 1}]\n', 'IMPORT_UNKNOWN_FORMAT'],
    ['random bytes', Uint8Array.from({ length: 4096 }, (_, n) => (n * 7919 + (n >> 3)) & 255), 'IMPORT_NOT_TEXT'],
    [
      'random bytes without zeros',
      Uint8Array.from({ length: 4096 }, (_, n) => ((n * 7919) & 127) | 128),
      'IMPORT_UNKNOWN_FORMAT',
    ],
  ] as const)('refuses %s and writes nothing', async (_, content, code) => {
    const sink = new MemorySink();
    await expect(importPrices(memoryFile(content), { id: 1, sink })).rejects.toMatchObject({ code });
    expect([sink.rows.size, sink.assets.size]).toEqual([0, 0]);
  });

  it.each(['[{"date": "2025-10-26", "open": 1}]\n', '[\n  {"date": "2025-10-26"}\n]\n', '{"prices": [[1, 2]]}\n'])(
    'calls a file of JSON by its name: %j',
    async (content) => {
      await expect(importPrices(memoryFile(content), { id: 1 })).rejects.toThrow('looks like JSON');
    },
  );

  it.each([
    ['a header only', [], false, 'nothing_read'],
    ['no line that can be read', ['x', 'y'], true, 'nothing_read'],
    ['two bad lines of three', [cmcLine('2025-10-26'), 'x', 'y'], false, 'mostly_rejected'],
  ] as const)('writes nothing of a file with %s', async (_, lines, keepPartial, refusal) => {
    const sink = new MemorySink();
    const report = await importPrices(memoryFile(cmcFile(...lines)), { id: 1, sink, keepPartial });
    expect(report).toMatchObject({ outcome: 'refused', refusal, inserted: 0, asset: null });
    expect([sink.rows.size, sink.assets.size]).toEqual([0, 0]);
    const checked = await importPrices(memoryFile(cmcFile(...lines)), { id: 1, keepPartial });
    expect(checked).toMatchObject({ outcome: 'refused', refusal });
  });

  it('writes what could be read when it is told to, and half of a file without being told', async () => {
    const third = cmcFile(cmcLine('2025-10-26'), 'x', 'y');
    expect(await importPrices(memoryFile(third), { id: 1, sink: new MemorySink(), keepPartial: true })).toMatchObject({
      outcome: 'imported',
      inserted: 1,
    });
    const half = cmcFile(cmcLine('2025-10-26'), 'x');
    expect(await importPrices(memoryFile(half), { id: 1, sink: new MemorySink() })).toMatchObject({ inserted: 1 });
  });

  it('refuses a row more than a day after the clock, unless there is none', async () => {
    const content = cmcFile(cmcLine('2025-10-25'), cmcLine('2025-10-26'), cmcLine('2025-10-27'));
    const nowMs = at('2025-10-25T23:59:59.999Z');
    const report = await importPrices(memoryFile(content), { id: 1, sink: new MemorySink(), nowMs });
    expect(report).toMatchObject({ inserted: 2, rejectedCount: 1 });
    expect(rejectedLineText(report.rejected[0])).toBe(
      'line 4, timestamp: "2025-10-27T23:59:59.999Z": more than a day after now; --allow-future accepts it',
    );
    expect(await importPrices(memoryFile(content), { id: 1, sink: new MemorySink() })).toMatchObject({ inserted: 3 });
  });

  it('refuses an unusable id or name before it reads', async () => {
    await expect(importPrices(memoryFile(''), { id: 0 })).rejects.toMatchObject({ code: 'IMPORT_BAD_OPTION' });
    await expect(importPrices(memoryFile(''), { id: 1, name: ' ' })).rejects.toMatchObject({
      code: 'IMPORT_BAD_OPTION',
    });
  });
});

describe('a table with semicolons whose numbers are all like 1.197', () => {
  const german = 'Date;Open;High;Low;Close;Volume\n27.11.2026;1.197;1.207;1.190;1.200;4.558.920\n';
  const read = async (decimal?: '.' | ',') => {
    const sink = new MemorySink();
    await importPrices(memoryFile(german, 9, 'dax.csv'), { id: 1, sink, decimal });
    return [...sink.rows].map(([, row]) => [row.slice(5, 9), row[9]]);
  };

  it('is asked for its decimal sign: a thousand, or a little more than one', async () => {
    await expect(read()).rejects.toMatchObject({
      code: 'IMPORT_AMBIGUOUS',
      message: 'dax.csv: "1.197" in column "Open" can be 1197, or 1.197 with a decimal point',
      hint: 'Say which: --decimal point or --decimal comma.',
    });
  });

  it.each([
    ['Yahoo Finance', 'Date;Open;High;Low;Close;Adj Close;Volume', '2026-11-27;1.197;1.207;1.190;1.200;1.200;4558'],
    ['Alpha Vantage', 'timestamp;open;high;low;close;volume', '2026-11-27;1.197;1.207;1.190;1.200;4558'],
    ['Stooq (MetaStock)', '<TICKER>;<DATE>;<OPEN>;<HIGH>;<LOW>;<CLOSE>', 'DAX;20261127;1.197;1.207;1.190;1.200'],
  ])('is asked for it in the shape of %s, too', async (_, ...lines) => {
    const reading = importPrices(memoryFile(lines.join('\n')), { id: 1, sink: new MemorySink() });
    await expect(reading).rejects.toMatchObject({ code: 'IMPORT_AMBIGUOUS' });
  });

  it('is read as thousands where the comma is said to be the decimal sign', async () => {
    expect(await read(',')).toEqual([[[1197, 1207, 1190, 1200], 4_558_920]]);
  });

  it('is read as it stands where one number shows a point to be the decimal sign', async () => {
    const sink = new MemorySink();
    const file = 'Date;Open;High;Low;Close\n27.11.2026;1.197;1.207;1.190;1.2\n';
    await importPrices(memoryFile(file, 9, 'fx.csv'), { id: 1, sink });
    expect([...sink.rows].map(([, row]) => row.slice(5, 9))).toEqual([[1.197, 1.207, 1.19, 1.2]]);
  });
});
