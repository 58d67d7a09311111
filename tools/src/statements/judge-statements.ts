import { refusedForms, FORMS, type Form } from './refused-forms.ts';
import { asOneLine, type SqlText } from './sql-texts.ts';

/** What was found in the statements that a run of the tests sent. */
export interface Judgement {
  /** Number of the product's statements, each kind counted once. */
  readonly statements: number;
  readonly refused: readonly { readonly sql: string; readonly forms: readonly Form[]; readonly from: string }[];
  /** Files whose SQL was never sent. */
  readonly unsent: readonly string[];
}

/** Files whose statements no recorded test sends, and why that is right. */
const SENT_BY_HAND: Readonly<Record<string, string>> = {
  'apps/cli/src/commands/demo.ts': 'the demonstration works on an embedded database of its own',
};

/** Statements of Drizzle: they have no text in the sources, but every name in them is quoted. */
const DRIZZLE = /^(select|insert into|update|delete from) .*"/;

/**
 * Judges the statements that come from the sources of the product. Statements that only tests send are left out.
 * @param sent texts as recorded
 * @param texts SQL of the sources
 */
export async function judgeStatements(sent: Iterable<string>, texts: readonly SqlText[]): Promise<Judgement> {
  const refused: Judgement['refused'][number][] = [];
  const met = new Set<string>();
  let statements = 0;
  for (const [line, sql] of eachOnce(sent)) {
    const sources = texts.filter(({ text }) => line.includes(text)).sort((a, b) => b.text.length - a.text.length);
    sources.forEach(({ file }) => met.add(file));
    if (sources.length === 0 && !DRIZZLE.test(line)) continue;
    statements++;
    const forms = await refusedForms(sql);
    const from = sources[0] === undefined ? 'Drizzle' : placeOf(sources[0]);
    // of several refused statements from one place, the first represents the others
    if (forms.length > 0 && !refused.some((known) => known.from === from)) refused.push({ sql: line, forms, from });
  }
  const isUnsent = (file: string) => !met.has(file) && !(file in SENT_BY_HAND);
  const unsent = [...new Set(texts.map(({ file }) => file))].filter(isUnsent).sort();
  return { statements, refused, unsent };
}

/** One statement of each kind. Those that differ only in numbers, quoted texts and lengths of lists of these are one kind. */
function eachOnce(sent: Iterable<string>): Map<string, string> {
  const kinds = new Map<string, [line: string, sql: string]>();
  for (const sql of sent) {
    const line = asOneLine(sql);
    kinds.set(line.replace(/'(?:[^']|'')*'|\d+/g, '?').replace(/(\(?\?[?, ()]*)+/g, '?'), [line, sql]);
  }
  return new Map(kinds.values());
}

function placeOf({ file, line }: SqlText): string {
  return `${file}:${line}`;
}

/** The judgement as lines for a terminal. */
export function judgementLines({ statements, refused, unsent }: Judgement): string[] {
  return [
    ...refused.flatMap(({ sql, forms, from }) => [
      `[ERROR] ${from}: ${forms.map((form) => `${form} (${FORMS[form]})`).join('; ')}`,
      `        ${sql.slice(0, 300)}`,
    ]),
    ...unsent.map((file) => `[ERROR] ${file}: no test sends a statement of this file`),
    `${statements} kinds of statements, ${refused.length} refused by Citus, ${unsent.length} files not met`,
  ];
}
