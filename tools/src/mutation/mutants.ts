import ts from 'typescript';

/** One change of one token of a source file. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly before: string;
  readonly after: string;
}

const OPERATORS: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.SlashToken]: '*',
};

/** Every mutant of a file: an operator becomes its neighbour, a boolean the other one, a number of one digit the next number. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const add = (node: ts.Node, after: string) => {
    const start = node.getStart(source);
    const { line, character } = source.getLineAndCharacterOfPosition(start);
    found.push({ file, line: line + 1, column: character + 1, start, before: node.getText(source), after });
  };
  const visit = (node: ts.Node): void => {
    // types have no effect when the program runs, and the text of an error is only for people
    if (ts.isTypeNode(node) || ts.isThrowStatement(node) || ts.isImportDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const after = OPERATORS[node.operatorToken.kind];
      const isText = [node.left, node.right].some(
        (side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side),
      );
      if (after !== undefined && !(isText && after === '-')) add(node.operatorToken, after);
    }
    if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    if (ts.isNumericLiteral(node) && /^\d$/.test(node.text)) add(node, String(Number(node.text) + 1));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The text with one mutant in it. */
export function mutated(text: string, { start, before, after }: Mutant): string {
  if (text.slice(start, start + before.length) !== before)
    throw new Error('The file is not what the mutant was made of.');
  return text.slice(0, start) + after + text.slice(start + before.length);
}

/** Identifies a mutant by the text of its line and the place in it, so that other versions of the file have it, too. */
export function placeOf(text: string, { file, start, before, after }: Mutant): string {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const line = text.slice(from, text.indexOf('\n', start));
  const same = text.slice(0, from).split(line).length;
  return [file, line.trim(), start - from - (line.length - line.trimStart().length), same, before, after].join(' | ');
}
