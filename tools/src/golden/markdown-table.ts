/**
 * A Markdown table whose columns are aligned as the formatter of the documents aligns them.
 *
 * @param textColumns how many columns from the left hold text; the others hold numbers and are right-aligned
 */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  textColumns = 1,
): string {
  const widths = header.map((name, at) => Math.max(3, name.length, ...rows.map((row) => row[at].length)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const padded = (cells: readonly string[]) =>
    line(cells.map((cell, at) => (at < textColumns ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))));
  const rule = widths.map((width, at) => (at < textColumns ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [padded(header), line(rule), ...rows.map(padded)].join('\n');
}
