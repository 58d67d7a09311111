/** A stored column and the SQL of the value it should have. */
export interface Compared {
  readonly column: string;
  readonly stored: string;
  readonly expected: string;
}

/** SQL that compares several columns of a row with what they should be; NULL equals NULL, NaN equals NaN. */
export interface Comparison {
  /** True where a column differs. */
  readonly differs: string;
  /** JSON of the differing columns: `{"open": {"stored": 1, "expected": 2}}`. */
  readonly detail: string;
}

/** Builds the comparison of up to 50 columns. */
export function comparison(columns: readonly Compared[]): Comparison {
  const differs = columns.map(({ stored, expected }) => `${stored} IS DISTINCT FROM ${expected}`);
  const parts = columns.map(
    ({ column, stored, expected }, i) =>
      `'${column}', CASE WHEN ${differs[i]} THEN json_build_object('stored', ${stored}, 'expected', ${expected}) END`,
  );
  return { differs: `(${differs.join(' OR ')})`, detail: `json_strip_nulls(json_build_object(${parts.join(', ')}))` };
}

/** `open 1 instead of 2, …`: a {@link Comparison.detail} in words. */
export function differenceText(detail: unknown): string {
  const entries = Object.entries((detail ?? {}) as Record<string, { stored?: unknown; expected?: unknown }>);
  return entries
    .map(([column, { stored, expected }]) => `${column} is ${stored ?? 'NULL'} instead of ${expected ?? 'NULL'}`)
    .join(', ');
}
