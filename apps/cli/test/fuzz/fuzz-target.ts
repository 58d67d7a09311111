import { failureLines } from '@ta/cli-kit';
import fc from 'fast-check';

/** What became of a case that is as it must be. */
export type Verdict =
  /** Taken in, and what is stored is what an independent reading of the input says. */
  | 'accepted'
  /** Turned down with a documented error, or line by line with reasons; nothing else changed. */
  | 'refused'
  /** Damage that the next refresh made good. */
  | 'healed'
  /** Damage that stopped the refresh with a named cause, and was made good by what its hint says. */
  | 'stopped'
  /** Damage that no refresh can see, and the validator names. */
  | 'found';

/** Something that takes input from people, with a generator of such input. */
export interface FuzzTarget {
  readonly name: string;
  /** Cases out of 1000 of a whole campaign. */
  readonly share: number;
  open(): Promise<OpenTarget>;
}

/** A target at work. */
export interface OpenTarget<Case = unknown> {
  readonly cases: fc.Arbitrary<Case>;
  /**
   * Plays one case.
   * @throws Error saying what is wrong: a crash, a silent change, a message that does not help, a secret shown
   */
  play(given: Case): Promise<Verdict>;
  close(): Promise<void>;
}

/** Figures of one target. */
export interface TargetFigures {
  readonly name: string;
  readonly cases: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly seconds: number;
  /** The smallest failing case found and what is wrong with it; null when all is well. */
  readonly failure: string | null;
}

/** Plays so many seeded cases of a target; the first failing one is made smaller and reported. */
export async function playTarget(target: FuzzTarget, cases: number, seed: number): Promise<TargetFigures> {
  const verdicts: Record<Verdict, number> = { accepted: 0, refused: 0, healed: 0, stopped: 0, found: 0 };
  const startedMs = performance.now();
  const open = await target.open();
  let played = 0;
  try {
    const law = fc.asyncProperty(open.cases, async (given) => {
      const verdict = await open.play(given);
      verdicts[verdict]++;
      played++;
    });
    const result = await fc.check(law, { seed, numRuns: cases, maxSkipsPerRun: 0 });
    const failure = result.failed ? `${String(result.errorInstance)}\n${fc.defaultReportMessage(result)}` : null;
    const seconds = (performance.now() - startedMs) / 1000;
    return { name: target.name, cases: played, verdicts, seconds, failure };
  } finally {
    await open.close();
  }
}

/** A password that is planted in URLs and settings: no message may show it, nor a part of it. */
export const SECRET = 'Hush9Kitten';

/** Codes of errors that are documented; anything else is a crash. */
const DOCUMENTED = /^(CLI|STORE|IMPORT|BARS|EMA|PIPELINE|VALIDATION)_[A-Z_]+$/;

/** Makes sure that an error is one of the product's own, helps its reader, and shows no secret. */
export function expectDocumented(error: unknown): void {
  const code = (error as { code?: unknown } | null)?.code;
  if (!(error instanceof Error) || typeof code !== 'string' || !DOCUMENTED.test(code)) throw crash(error);
  expectHelpful(failureLines(error, false).lines.join('\n'));
}

/** Makes sure that text for people is text for people. */
export function expectHelpful(text: string): void {
  expectNoSecret(text);
  if (text.trim().length < 15) throw new Error(`Says too little: ${JSON.stringify(text)}`);
  if (/\n\s+at .*[:(]\d+|TypeError|RangeError|SyntaxError|undefined|\[object /.test(text))
    throw new Error(`Shows the inside of the program: ${text}`);
  // a terminal or a log must not be steered by what it is told

  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/.test(text))
    throw new Error(`Holds control characters: ${JSON.stringify(text)}`);
}

/** Makes sure that no planted password is in a text. */
export function expectNoSecret(text: string): void {
  if (text.includes(SECRET) || text.includes(SECRET.slice(4))) throw new Error(`Shows a password: ${text}`);
}

/** An error that nobody documented, with its stack. */
export function crash(error: unknown): Error {
  return new Error(`Crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, {
    cause: error,
  });
}

/** What a call gives, or the error that it throws. */
export async function outcomeOf<T>(work: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** Text with something odd done to it, as hands, editors and cables do. */
export function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const odd = fc.constantFrom(...ODD_PIECES);
  const place = fc.integer({ min: 0, max: 999 });
  const edit = fc.tuple(fc.constantFrom('insert', 'cut', 'double', 'replace', 'swap'), place, odd);
  const edits = fc.oneof(fc.constant([]), fc.array(edit, { minLength: 1, maxLength: 3 }));
  return fc.tuple(text, edits).map(([whole, all]) =>
    all.reduce((now, [kind, at, piece]) => {
      const from = Math.floor((now.length * at) / 1000);
      if (kind === 'insert') return now.slice(0, from) + piece + now.slice(from);
      if (kind === 'cut') return now.slice(0, from) + now.slice(from + 1 + (at % 4));
      if (kind === 'double') return now.slice(0, from) + now.slice(from, from + 6) + now.slice(from);
      if (kind === 'swap')
        return (
          now.slice(0, from) +
          now
            .slice(from, from + 2)
            .split('')
            .reverse()
            .join('') +
          now.slice(from + 2)
        );
      return now.slice(0, from) + piece + now.slice(from + 1);
    }, whole),
  );
}

/** Pieces that parsers trip over. */
export const ODD_PIECES: readonly string[] = [
  ...['', ' ', '\t', '\n', '\r\n', '\0', '\u001b[31m', '\ufeff', '\u00a0', '\u200b', '\u2028', '\u202e'],
  ...["'", '"', '`', ',', ';', ':', '/', '\\', '=', '#', '%', '%00', '%zz', '$', '&', '?', '@', '[', ']', '..', '*'],
  ...['-', '+', '−', '–', '.', 'e', 'E9', '0x10', '1_000', '١٢', '１２', '½', 'NaN', 'Infinity', 'null', 'None'],
  ...['9'.repeat(25), '0'.repeat(25), '-0', 'é', '日', '😀', '\ud800', 'İ', 'ß', 'A'.repeat(300)],
  ...['__proto__', 'constructor', 'toString', "' OR 1=1 --", '$(id)', '../../etc/passwd'],
];
