/** Comments, quoted texts of every kind, and numbers; an unclosed quote extends to the end. */
const LITERAL =
  /--[^\n]*|\/\*[^]*?(?:\*\/|$)|(?<![\w$])\$([A-Za-z_]\w*)?\$[^]*?(?:\$\1\$|$)|\b[Ee]'(?:[^'\\]|''|\\[^])*(?:'|$)|(?:\b(?:[BbXxNn]|[Uu]&))?'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|(?<![\w$])\d[\w.]*/g;

/**
 * The text of a statement for the log: its keywords and names, without literal values and comments, so that no password or other
 * value typed into it is logged.
 */
export function withoutLiterals(sql: string): string {
  return sql.replace(LITERAL, (found) => {
    if (found.startsWith('"')) return found;
    return found.startsWith('--') || found.startsWith('/*') ? ' ' : '?';
  });
}
