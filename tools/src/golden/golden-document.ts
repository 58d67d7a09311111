const BEGIN = '<!-- golden:begin -->';
const END = '<!-- golden:end -->';

/** The document with a new report between its two marks, or null when a mark is missing. */
export function withReport(document: string, report: string): string | null {
  const from = document.indexOf(BEGIN);
  const until = document.indexOf(END);
  if (from < 0 || until < from) return null;
  return `${document.slice(0, from)}${BEGIN}\n\n${report}\n\n${document.slice(until)}`;
}
