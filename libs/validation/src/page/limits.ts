/** What a page holds at most; more would make it too big to open, and nobody reads it. */
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

/** The text, shortened visibly where it is longer than a page takes. */
export function shortened(text: string): string {
  const { textLength } = PAGE_LIMITS;
  return text.length <= textLength
    ? text
    : `${text.slice(0, textLength)}… (${text.length - textLength} more characters)`;
}
