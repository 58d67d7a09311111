/** The most that a page holds; with more it would be too big to open, and nobody would read it. */
export const PAGE_LIMITS = {
  findingsPerCheck: 200,
  findings: 2_000,
  /** Charts per check, the worst findings first. */
  chartsPerCheck: 25,
  charts: 400,
  calendars: 100,
  /** Days of a calendar, the newest. */
  calendarDays: 12_000,
  /** Characters of a message or of the details of a finding. */
  textLength: 2_000,
} as const;

/** The text, cut at `textLength`, with the number of missing characters. */
export function shortened(text: string): string {
  const { textLength } = PAGE_LIMITS;
  return text.length <= textLength
    ? text
    : `${text.slice(0, textLength)}… (${text.length - textLength} more characters)`;
}
