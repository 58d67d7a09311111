/** Hash of a text as 16 hexadecimal digits: two FNV-1a hashes with different primes. It is not cryptographic. */
export function hashOf(text: string): string {
  let [left, right] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    left = Math.imul(left ^ code, 0x01000193);
    right = Math.imul(right ^ code, 0x5bd1e995);
  }
  return [left, right].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
