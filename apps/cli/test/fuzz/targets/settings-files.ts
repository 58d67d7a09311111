import fc from 'fast-check';
import { parseSettings } from '../../../../../libs/cli-kit/src/env-file.ts';
import {
  damaged,
  expectDocumented,
  expectNoSecret,
  outcomeOf,
  SECRET,
  type FuzzTarget,
  type Verdict,
} from '../fuzz-target.ts';

const URL_TEXT = `postgresql://u:${SECRET}@127.0.0.1:1/d`;

/** A setting as it is written, and what it means. */
interface Line {
  readonly text: string;
  readonly name?: string;
  readonly value?: string;
}

const value = fc.constantFrom(URL_TEXT, '', '1', 'a b', 'x=y', 'C:\\pg', '  ', 'déjà', '{"a":1}', "it's");
const setting: fc.Arbitrary<Line> = fc
  .record({
    name: fc.constantFrom('DATABASE_URL', 'DATABASE_URL', 'TARGET_DB_URL', 'DB_DIR', 'TELEGRAM_BOT_TOKEN', 'X_1'),
    value,
    start: fc.constantFrom('', '', '', 'export ', '  '),
    around: fc.constantFrom('', '', ' '),
    quote: fc.constantFrom('', '', '"', "'", '`'),
    rest: fc.constantFrom('', '', '', ' # why', ' #'),
  })
  .map(({ name, value: text, start, around, quote, rest }) => {
    const mark = quote === '' && (/["'`]/.test(text) || text !== text.trim()) ? '"' : quote;
    const safe = mark !== '' && text.includes(mark) ? (mark === '`' ? '"' : '`') : mark;
    return { text: `${start}${name}${around}=${around}${safe}${text}${safe}${rest}`, name, value: text };
  });
const other: fc.Arbitrary<Line> = fc.constantFrom('', '# DATABASE_URL=no', '   ', '#').map((text) => ({ text }));
const lines = fc.array(fc.oneof({ weight: 4, arbitrary: setting }, { weight: 1, arbitrary: other }), { maxLength: 6 });

const whole = fc.record({
  lines,
  lineEnd: fc.constantFrom('\n', '\r\n'),
  end: fc.constantFrom('', '\n'),
  encoding: fc.constantFrom('utf8', 'utf8', 'utf8', 'utf8 with mark', 'utf16', 'utf16 with mark', 'latin1'),
});
const broken = damaged(lines.map((all) => all.map(({ text }) => text).join('\n')));
type FileCase = { whole: typeof whole extends fc.Arbitrary<infer T> ? T : never } | { broken: string };

/** `.env`: what is written there is in force, or the file is refused without quoting it. */
export const settingsFilesTarget: FuzzTarget = {
  name: '.env files',
  share: 150,
  open: () =>
    Promise.resolve({
      cases: fc.oneof(fc.record({ whole }), fc.record({ broken })),
      play: (given) => playFile(given as FileCase),
      close: () => Promise.resolve(),
    }),
};

async function playFile(given: FileCase): Promise<Verdict> {
  const bytes = 'whole' in given ? encoded(given.whole) : Buffer.from(given.broken);
  const outcome = await outcomeOf(() => parseSettings(bytes, '.env'));
  if ('error' in outcome) {
    expectDocumented(outcome.error);
    expectNoSecret(String((outcome.error as Error).stack));
    if ('whole' in given && given.whole.encoding.startsWith('utf8'))
      throw new Error('Refused although every line is a setting');
    return 'refused';
  }
  if ('broken' in given) return expectNothingMadeUp(outcome.value, given.broken);
  const expected = new Map<string, string>();
  for (const { name, value: text } of given.whole.lines) if (name !== undefined) expected.set(name, text as string);
  if (given.whole.encoding.startsWith('utf16') && expected.size > 0)
    throw new Error('Taken in although it is not UTF-8');
  const found = Object.entries(outcome.value);
  const isSame = found.length === expected.size && found.every(([name, text]) => expected.get(name) === text);
  if (!isSame && given.whole.encoding !== 'latin1') throw new Error(`Read as ${JSON.stringify(found)}`);
  return 'accepted';
}

/** A setting that nobody wrote, or one of two URLs that vanished without a word. */
function expectNothingMadeUp(found: Readonly<Record<string, string | undefined>>, text: string): Verdict {
  const plain = text.replaceAll('\r\n', '\n');
  for (const [name, setTo = ''] of Object.entries(found)) {
    if (!plain.includes(name)) throw new Error(`Made up ${name}`);
    if (!setTo.split('\n').every((part) => plain.includes(part) || plain.includes(part.replaceAll('\n', '\\n'))))
      throw new Error(`Made up a value of ${name}: ${JSON.stringify(setTo)}`);
  }
  for (const line of plain.split('\n')) {
    const isPlain = /^DATABASE_URL=postgresql:[A-Za-z0-9:/@.]+$/.test(line);
    const isInsideQuotes = /["'`]/.test(plain.replace(line, ''));
    if (isPlain && !isInsideQuotes && !Object.hasOwn(found, 'DATABASE_URL')) throw new Error('The URL went unnoticed');
  }
  return 'accepted';
}

function encoded({ lines: all, lineEnd, end, encoding }: Extract<FileCase, { whole: unknown }>['whole']): Uint8Array {
  const text = all.map(({ text: line }) => line).join(lineEnd) + end;
  if (encoding === 'utf8') return Buffer.from(text);
  if (encoding === 'utf8 with mark') return Buffer.from(`\ufeff${text}`);
  if (encoding === 'latin1') return Buffer.from(text, 'latin1');
  return Buffer.from(encoding === 'utf16' ? text : `\ufeff${text}`, 'utf16le');
}
