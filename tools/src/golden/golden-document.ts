const BEGIN = '<!-- golden:begin -->';
const END = '<!-- golden:end -->';

/** The document with the report between its two marks replaced; null when the marks are missing. */
export function withReport(document: string, report: string): string | null {
  const from = document.indexOf(BEGIN);
  const until = document.indexOf(END);
  if (from < 0 || until < from) return null;
  return `${document.slice(0, from)}${BEGIN}\n\n${report}\n\n${document.slice(until)}`;
}
