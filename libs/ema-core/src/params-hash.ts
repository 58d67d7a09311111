/** Version of the arithmetic: raised whenever any stored value could change by a single bit; forces a rebuild. */
export const KERNEL_VERSION = 1;

const PRIME = 0x01000193;
const BASIS_LOW = 0x811c9dc5;
const BASIS_HIGH = 0x9e3779b9;

/**
 * Two 32-bit FNV-1a hashes of a text from two bases: enough to distinguish parameter sets; not cryptographic.
 * @returns unsigned 32-bit integers
 */
function hashWords(text: string): { high: number; low: number } {
  let low = BASIS_LOW;
  let high = BASIS_HIGH;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, PRIME);
    high = Math.imul(high ^ unit, PRIME);
    // a multiplication only carries bits upwards; the rotation lets the high lane differ from the low one
    high = (high << 13) | (high >>> 19);
  }
  return { high: high >>> 0, low: low >>> 0 };
}

/** {@link hashWords} as 16 hexadecimal digits. */
export function hashText(text: string): string {
  const { high, low } = hashWords(text);
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

/** {@link hashWords} as one whole number below 2^53, which a double holds exactly. */
export function hashNumber(text: string): number {
  const { high, low } = hashWords(text);
  return (high & 0x1fffff) * 0x100000000 + low;
}
