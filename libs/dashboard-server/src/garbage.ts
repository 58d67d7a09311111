import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of answers after which memory is freed: making an answer leaves several times its size behind. */
const BYTES_BETWEEN = 8 << 20;

/** Frees memory sooner than V8 would, which lets a small heap grow to several times its size first. */
export function createGarbage() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let bytesSince = 0;
  const all = () => {
    bytesSince = 0;
    collect();
  };
  return {
    /** Notes that an answer of this size was made. */
    made(bytes: number): void {
      bytesSince += bytes;
      if (bytesSince >= BYTES_BETWEEN) all();
    },
    /** Frees memory at once, after something large such as an embedded database is no longer used. */
    collect: all,
  };
}
