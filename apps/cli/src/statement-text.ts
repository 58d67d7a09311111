/** Comments, quoted texts of every kind and numbers; a quote that nothing closes reaches to the end. */
const LITERAL =
  /--[^\n]*|\/\*[^]*?(?:\*\/|$)|(?<![\w$])\$([A-Za-z_]\w*)?\$[^]*?(?:\$\1\$|$)|\b[Ee]'(?:[^'\\]|''|\\[^])*(?:'|$)|(?:\b(?:[BbXxNn]|[Uu]&))?'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|(?<![\w$])\d[\w.]*/g;

/**
 * A statement as it may be kept: its words and names, without the values in it. A password that is set by one is not in a
 * log then, nor anything else that was typed into it.
 */
export function withoutLiterals(sql: string): string {
  return sql.replace(LITERAL, (found) => {
    if (found.startsWith('"')) return found;
    return found.startsWith('--') || found.startsWith('/*') ? ' ' : '?';
  });
}
