/**
 * The entries in which a stored array of resume numbers differs from the right one, as text; null where none does. Stored
 * numbers come as JSON: NaN and infinities as texts, NULL elements as null.
 */
export function differingEntries(stored: unknown, expected: Float64Array): string | null {
  const numbers = (stored as (number | string | null)[]).map((value) => (value === null ? NaN : Number(value)));
  if (numbers.length !== expected.length) return `${numbers.length} numbers instead of ${expected.length}`;
  const differing: string[] = [];
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i] === expected[i] || Object.is(numbers[i], expected[i])) continue;
    differing.push(`[${i}] is ${numbers[i]} instead of ${expected[i]}`);
  }
  if (differing.length === 0) return null;
  const more = differing.length > 3 ? `, and ${differing.length - 3} more` : '';
  return differing.slice(0, 3).join(', ') + more;
}
