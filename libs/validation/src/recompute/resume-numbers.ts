/** A state as read: its resume numbers, and whether its seal does not match. */
interface Stored {
  readonly resume: Float64Array;
  readonly isEdited?: boolean;
}

/** What is wrong with a state, as text and as columns of the check. */
interface Difference {
  readonly text: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * How a state differs from the right one; null when it does not. A seal that does not match is a difference even if all numbers
 * are right, since a run does not continue from such a state.
 *
 * @param source where the right numbers come from, for the message
 */
export function resumeDifference(stored: Stored, expected: Float64Array, source: string): Difference | null {
  const entries = differingEntries(stored.resume, expected);
  if (entries !== null) {
    return { text: `resume differs from ${source} (${entries})`, detail: { field: 'resume', entries } };
  }
  if (stored.isEdited !== true) return null;
  const text = 'edited: the state is not what was written, by its seal (the first three numbers of resume)';
  return { text, detail: { field: 'resume', stored: 'edited', expected: 'as it was written' } };
}

/** The entries in which stored numbers differ from the right ones, as text; null where none does. */
function differingEntries(stored: Float64Array, expected: Float64Array): string | null {
  if (stored.length !== expected.length) return `${stored.length} numbers instead of ${expected.length}`;
  const differing: string[] = [];
  for (let i = 0; i < stored.length; i++) {
    if (stored[i] === expected[i] || Object.is(stored[i], expected[i])) continue;
    differing.push(`[${i}] is ${stored[i]} instead of ${expected[i]}`);
  }
  if (differing.length === 0) return null;
  const more = differing.length > 3 ? `, and ${differing.length - 3} more` : '';
  return differing.slice(0, 3).join(', ') + more;
}
