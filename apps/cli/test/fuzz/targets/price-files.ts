import { gzipSync } from 'node:zlib';
import { importPrices, rejectedLineText, type ImportReport } from '@ta/price-import';
import fc from 'fast-check';
import { memoryFile, MemorySink } from '../../../../../libs/price-import/test/memory.ts';
import { readByHand } from '../by-hand/price-file.ts';
import {
  damaged,
  expectDocumented,
  expectHelpful,
  outcomeOf,
  ODD_PIECES,
  type FuzzTarget,
  type Verdict,
} from '../fuzz-target.ts';

const CMC_COLUMNS: readonly string[] =
  'timeOpen,timeClose,timeHigh,timeLow,name,open,high,low,close,volume,marketCap,timestamp'.split(',');
const RESEARCH_COLUMNS: readonly string[] = 'SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap'.split(',');

/** Numbers in every notation that files were seen with, and a few that none should have. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 99_999 }).map((n) => (n / 100).toFixed(2)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '0', '-0', '1e-12', '1E12', '5e-324', '1e-400', '1e400', '.5', '5.', '00.10'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        'NaN',
        'nan',
        'NULL',
        '-',
        '—',
        'n/a',
        '#N/A',
        'Infinity',
        '-inf',
        '1,234.5',
        '1.234,5',
        '1 234',
        "1'234",
        '1,5',
      ],
      ...['+1', '0x1F', '1_000', '$1', '1%', '١٢٣', '１２', '=1+1', '1e', 'e5', '.', '--1', '1.2.3', '"1"', '12abc'],
    ),
  },
);
const dayNumber = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 19_700, max: 19_712 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 84_005, 84_006, -1, 60, 11_016, 15_337) },
);
const clock = fc.constantFrom(
  '23:59:59.999Z',
  '23:59:59.999Z',
  '23:59:59Z',
  '00:00:00.000Z',
  '23:59:60Z',
  '24:00:00Z',
  '12:00:00+14:00',
  '23:59:59.999999Z',
);
const instant = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(dayNumber, fc.constantFrom('T', 'T', 'T', ' '), clock)
      .map(([day, t, time]) => `${dayText(day)}${t}${time}`),
  },
  { weight: 1, arbitrary: dayNumber.map((day) => String(day * 86_400 + 86_399)) },
  { weight: 1, arbitrary: dayNumber.map((day) => String(day * 86_400_000 + 86_399_999)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '2024-02-30T23:59:59Z',
      '25/10/2024',
      'yesterday',
      '0',
      '99999999999999',
      '1704067199999999',
    ),
  },
);
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('2781', 'Ethereum') },
  { weight: 1, arbitrary: fc.constantFrom('', 'Cardano', 'a\u0000b', 'x'.repeat(201), '"Bit,coin"') },
);

/** One cell of a column. */
function cellOf(column: string): fc.Arbitrary<string> {
  const lower = column.toLowerCase();
  if (lower === 'date')
    return fc
      .tuple(dayNumber, fc.constantFrom(' 23:59:59', ' 23:59:59', ' 23:59:59', ' 00:00:00', ''))
      .map(([day, time]) => dayText(day) + time);
  if (lower.startsWith('time')) return instant;
  if (lower === 'name') return name;
  if (lower === 'symbol' || lower === 'sno' || lower === 'notes') return fc.constantFrom('ETH', '1', '', 'x;y');
  return number;
}

/** A cell as it is, quoted, padded, or quoted by somebody who does not know how. */
const written = (cell: fc.Arbitrary<string>) =>
  fc
    .tuple(cell, fc.constantFrom('plain', 'plain', 'plain', 'plain', 'quoted', 'padded', 'both', 'open'))
    .map(([text, how]) => {
      if (how === 'quoted') return `"${text.replaceAll('"', '""')}"`;
      if (how === 'padded') return ` ${text}\t`;
      if (how === 'both') return ` "${text}" `;
      return how === 'open' && text.length > 3 ? `"${text}` : text;
    });

/** Everything about a file but its rows. */
const frame = fc.record({
  columns: fc
    .constantFrom<(readonly string[])[]>(CMC_COLUMNS, [...CMC_COLUMNS, 'circulatingSupply'], RESEARCH_COLUMNS)
    .chain((columns) =>
      fc.oneof<fc.WeightedArbitrary<string[]>[]>(
        { weight: 4, arbitrary: fc.constant([...columns]) },
        { weight: 2, arbitrary: fc.shuffledSubarray([...columns], { minLength: columns.length }) },
        { weight: 1, arbitrary: fc.shuffledSubarray([...columns, 'notes', columns[0] as string]) },
      ),
    ),
  delimiter: fc.constantFrom(',', ',', ';', '\t'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r\n\n', '\r', 'mixed'),
  header: fc.constantFrom('plain', 'plain', 'upper', 'quoted', 'padded', 'none', 'twice'),
  start: fc.constantFrom('', '', '', '\ufeff', '\n\n', ' '),
  end: fc.constantFrom('', '\n', '\r\n\r\n', '\0', '\u001a'),
});

/** What is done to the bytes. */
const bytesEdit = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ kind: 'none' as const, at: 0, byte: 0 }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut', 'flip', 'nul', 'gzip', 'gzip_cut', 'utf16', 'long', 'latin1'),
      at: fc.integer({ min: 0, max: 999 }),
      byte: fc.integer({ min: 0, max: 255 }),
    }),
  },
);

const file = frame.chain(({ columns, ...rest }) =>
  fc.record({
    rows: fc.array(
      damaged(fc.tuple(...columns.map((column) => written(cellOf(column)))).map((cells) => cells.join(rest.delimiter))),
      { maxLength: 8 },
    ),
    header: fc.constant(headerText(columns, rest.header, rest.delimiter)),
    rest: fc.constant(rest),
    edit: bytesEdit,
    chunkBytes: fc.constantFrom(3, 64, 4096),
    isStrict: fc.boolean(),
  }),
);
type FileCase = typeof file extends fc.Arbitrary<infer T> ? T : never;

/** `ta import csv`: every line is a row as read by hand, a repetition, or refused with place and reason. */
export const priceFilesTarget: FuzzTarget = {
  name: 'price files',
  share: 300,
  open: () =>
    Promise.resolve({ cases: file, play: (given) => playFile(given as FileCase), close: () => Promise.resolve() }),
};

/** The formats of the files that are made here. */
const READ_BY_HAND: readonly string[] = ['cmc-export', 'research-set'];

async function playFile(given: FileCase): Promise<Verdict> {
  const { plain, stored } = bytesOf(given);
  const sink = new MemorySink();
  const outcome = await outcomeOf(() =>
    importPrices(memoryFile(stored, stored.length > 9999 ? 4096 : given.chunkBytes), {
      id: 1,
      name: 'Given',
      sink,
      strict: given.isStrict,
      keepPartial: true,
    }),
  );
  const expected = plain === null ? null : readByHand(plain);
  if ('error' in outcome) {
    expectDocumented(outcome.error);
    if (expected !== null && given.edit.kind === 'none' && !hasControl(given))
      throw new Error('Refused although every line can be read');
    return 'refused';
  }
  expectReport(outcome.value);
  // a damaged header can be that of another format, which the reading by hand does not know
  if (expected === null && !READ_BY_HAND.includes(outcome.value.format)) return 'accepted';
  if (expected === null) throw new Error('Taken in although nobody can read it');
  return expectRows(outcome.value, sink, expected, given.isStrict);
}

function expectReport(report: ImportReport): void {
  const sum = report.rowsRead + report.duplicatesIgnored + report.rejectedCount;
  if (sum !== report.linesRead) throw new Error(`${report.linesRead} lines, but ${sum} are accounted for`);
  for (const rejected of report.rejected) expectHelpful(rejectedLineText(rejected));
}

function expectRows(
  report: ImportReport,
  sink: MemorySink,
  expected: NonNullable<ReturnType<typeof readByHand>>,
  isStrict: boolean,
): Verdict {
  const counts = [report.rowsRead, report.duplicatesIgnored, report.rejectedCount];
  const wanted = [expected.rows.length, expected.repeated, expected.refused];
  if (counts.join() !== wanted.join())
    throw new Error(`Rows, repetitions, rejects: ${counts.join()}; by hand ${wanted.join()}`);
  const isRefused = (isStrict && expected.refused > 0) || expected.rows.length === 0;
  if (isRefused !== (report.outcome === 'refused')) throw new Error(`The outcome is ${report.outcome}`);
  if (isRefused) {
    if (sink.rows.size > 0 || sink.assets.size > 0) throw new Error('Refused, and yet something was written');
    return 'refused';
  }
  const stored = [...sink.rows.values()];
  for (const [i, row] of expected.rows.entries()) {
    const own = stored[i] as number[];
    // of a research file the extremes' instants are a convention
    const found = row.length === 12 ? own.slice(0, 12) : [...own.slice(0, 3), ...own.slice(5, 12)];
    const isSame = row.every((value, at) => Object.is(value, found[at]));
    if (!isSame) throw new Error(`Row ${i} is stored as ${found.join()}; by hand ${row.join()}`);
  }
  return stored.length === expected.rows.length ? 'accepted' : fail(`${stored.length} rows are stored`);
}

function fail(text: string): never {
  throw new Error(text);
}

/** The first line may hold no control bytes: that is how binary files are told from text. */
function hasControl({ header, rest, rows }: FileCase): boolean {
  const isOdd = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
  const firstLine = `${rest.start}${header}${rest.lineEnd === '\r' || rows.length === 0 ? rows.join('') + rest.end : ''}`;
  return isOdd.test(firstLine) || rest.lineEnd === '\r' || rest.start === '\n\n' || header === '';
}

/** The text of the file, null where it is none any more, and the bytes on the disk. */
function bytesOf({ rows, header, rest, edit }: FileCase): { plain: Uint8Array | null; stored: Uint8Array } {
  const ends = rest.lineEnd === 'mixed' ? ['\n', '\r\n'] : [rest.lineEnd];
  const lines = [...(header === '' ? [] : header.split('\n')), ...rows];
  const text =
    rest.start + lines.map((line, i) => line + (i < lines.length - 1 ? ends[i % ends.length] : '')).join('') + rest.end;
  const bytes = Buffer.from(text, 'utf8');
  const at = Math.floor((bytes.length * edit.at) / 1000);
  switch (edit.kind) {
    case 'cut':
      return same(bytes.subarray(0, at));
    case 'flip': {
      const flipped = Buffer.from(bytes);
      if (flipped.length > 0) flipped[at] = edit.byte;
      return same(flipped);
    }
    case 'nul':
      return same(Buffer.concat([bytes.subarray(0, at), Buffer.alloc(3), bytes.subarray(at)]));
    case 'long':
      return same(Buffer.concat([bytes, Buffer.from(`\n${'9'.repeat(70_000 + edit.at)}`)]));
    case 'gzip':
      return { plain: bytes, stored: gzipSync(bytes) };
    case 'gzip_cut': {
      const packed = gzipSync(bytes);
      return { plain: null, stored: packed.subarray(0, 10 + Math.floor(((packed.length - 11) * edit.at) / 1000)) };
    }
    case 'utf16': {
      const whole = edit.at % 2 === 0 ? `\ufeff${text}` : text;
      return { plain: whole.startsWith('\ufeff') ? bytes : null, stored: Buffer.from(whole, 'utf16le') };
    }
    case 'latin1':
      return same(Buffer.from(`${text}\n${ODD_PIECES[edit.at % ODD_PIECES.length] ?? ''}é,ü`, 'latin1'));
    default:
      return same(bytes);
  }
}

function same(bytes: Uint8Array): { plain: Uint8Array; stored: Uint8Array } {
  return { plain: bytes, stored: bytes };
}

function headerText(columns: readonly string[], how: string, delimiter: string): string {
  const text = (change: (column: string) => string) => columns.map(change).join(delimiter);
  if (how === 'none') return '';
  if (how === 'upper') return text((column) => column.toUpperCase());
  if (how === 'quoted') return text((column) => `"${column}"`);
  if (how === 'padded') return text((column) => `  ${column} `);
  return how === 'twice' ? `${text(String)}\n${text(String)}` : text(String);
}

function dayText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
