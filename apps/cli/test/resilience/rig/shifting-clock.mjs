// Loaded into the command by `node --import`: its wall clock is ahead by so many milliseconds as a file says, and jumps when
// the file changes. The monotonic clock goes on as it is.
import { readFileSync } from 'node:fs';

const RealDate = Date;
let offsetMs = 0;
let readAtMs = -Infinity;

function nowMs() {
  if (performance.now() - readAtMs > 5) {
    readAtMs = performance.now();
    try {
      offsetMs = Number(readFileSync(process.env.SHIFTED_BY_FILE, 'utf8'));
    } catch {
      // not written yet: no shift
    }
  }
  return RealDate.now() + offsetMs;
}

globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(nowMs());
    else super(...parts);
  }

  static now() {
    return nowMs();
  }
};
