import ts from 'typescript';

/** A piece of SQL that a source file contains literally. It identifies the file that a statement comes from. */
export interface SqlText {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const BEGINS_STATEMENT = /^\s*\(?(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|COPY|LOCK|TRUNCATE)\s/;
/** Matches statements on tables. A text with an ellipsis is part of a message. */
const ON_TABLES = /^[^…]*\b(FROM|INTO|UPDATE|LOCK|TRUNCATE)\b[^…]*$/;
/** Shorter pieces are ignored, since they occur in other statements too. */
const LEAST_LENGTH = 20;

/** The longest fixed piece of every SQL statement that is a literal in a source file. */
export function sqlTextsOf(file: string, source: string): SqlText[] {
  const found: SqlText[] = [];
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const pieces = piecesOf(node);
    if (pieces !== null && BEGINS_STATEMENT.test(pieces[0]) && ON_TABLES.test(pieces.join(' '))) {
      const text = pieces.map(asOneLine).reduce((longest, piece) => (piece.length > longest.length ? piece : longest));
      const line = tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      if (text.length >= LEAST_LENGTH) found.push({ file, line, text });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function piecesOf(node: ts.Node): string[] | null {
  if (ts.isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) ? [node.text] : null;
}

/** The text with every run of white space replaced by one blank. */
export function asOneLine(sql: string): string {
  return sql.replace(/\s+/g, ' ').trim();
}
