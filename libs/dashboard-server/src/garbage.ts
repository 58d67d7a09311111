import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of answers after which memory is freed: each leaves several times as much behind. */
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
    /** An answer of so many bytes was made. */
    made(bytes: number): void {
      bytesSince += bytes;
      if (bytesSince >= BYTES_BETWEEN) all();
    },
    /** Something large was let go of, such as an embedded database. */
    collect: all,
  };
}
