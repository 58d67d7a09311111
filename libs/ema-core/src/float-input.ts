/** The values as `Float64Array`: as they are if they are one already, else copied once. */
export function toFloat64(values: ArrayLike<number>): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values);
}
