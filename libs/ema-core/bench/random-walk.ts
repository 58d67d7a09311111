/** A price path that is the same on every run: a linear congruential generator moves a price of 100 by up to 1 % a step. */
export function randomWalk(length: number): Float64Array {
  let seed = 12345;
  let price = 100;
  return Float64Array.from({ length }, () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    price *= 1 + (seed / 2 ** 32 - 0.5) * 0.02;
    return price;
  });
}
