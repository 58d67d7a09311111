/**
 * The values of one field for all rows, by shape:
 *
 * - `constant`: the same value in every row
 * - `numbers`: int2, int4, int8, float8, bool (0/1), timestamptz (epoch ms UTC, fractions kept to the microsecond), date (days
 *   since 1970-01-01). NaN is NULL in a nullable field and `STORE_NULL` in others; `nullIf` is a further value that means NULL.
 *   ±Infinity is allowed in float8 only.
 * - `codes`: text, enum or jsonb by index into `labels`, each label encoded once; a null label is NULL
 * - `strings`: text, enum or jsonb (as JSON text), one per row
 * - `arrays`: float8[] or int4[], one per row; a NaN element is stored as NaN
 * - `slices`: float8[] out of one array: row `r` is the first `lengths[r]` of the `width` values from `r·width` on
 */
export type FieldData =
  | { constant: number | string | null }
  | { numbers: Float64Array | Int32Array | Uint8Array; nullIf?: number }
  | { codes: Uint16Array | Int32Array | Uint8Array; labels: readonly (string | null)[] }
  | { strings: readonly (string | null)[] }
  | { arrays: readonly (Float64Array | Int32Array | null)[] }
  | { slices: Float64Array; width: number; lengths: Int32Array };
