import { refusedForms, FORMS, type Form } from './refused-forms.ts';
import { asOneLine, type SqlText } from './sql-texts.ts';

/** What was found in the statements that a run of the tests sent. */
export interface Judgement {
  /** Statements of the product, each kind once. */
  readonly statements: number;
  readonly refused: readonly { readonly sql: string; readonly forms: readonly Form[]; readonly from: string }[];
  /** Files with SQL of which nothing was sent. */
  readonly unsent: readonly string[];
}

/** Drizzle's statements have no text in the sources; it quotes every name. */
const DRIZZLE = /^(select|insert into|update|delete from) .*"/;

/**
 * Judges the statements that come from the sources of the product; what only tests send is left out.
 * @param sent texts as recorded
 * @param texts SQL of the sources
 */
export async function judgeStatements(sent: Iterable<string>, texts: readonly SqlText[]): Promise<Judgement> {
  const refused: Judgement['refused'][number][] = [];
  const met = new Set<string>();
  let statements = 0;
  for (const [line, sql] of eachOnce(sent)) {
    const sources = texts.filter(({ text }) => line.includes(text)).map(({ file }) => file);
    sources.forEach((file) => met.add(file));
    if (sources.length === 0 && !DRIZZLE.test(line)) continue;
    statements++;
    const forms = await refusedForms(sql);
    if (forms.length > 0) refused.push({ sql: line, forms, from: sources[0] ?? 'Drizzle' });
  }
  const unsent = [...new Set(texts.map(({ file }) => file))].filter((file) => !met.has(file)).sort();
  return { statements, refused, unsent };
}

/** The kinds of statements: what differs in numbers and quoted texts only is one. */
function eachOnce(sent: Iterable<string>): Map<string, string> {
  const kinds = new Map<string, [line: string, sql: string]>();
  for (const sql of sent) {
    const line = asOneLine(sql);
    kinds.set(line.replace(/'(?:[^']|'')*'/g, '?').replace(/\d+/g, '0'), [line, sql]);
  }
  return new Map(kinds.values());
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
