// node --import tsx blocked-command.ts: a command whose thread is blocked, as it is by a long statement of an embedded database. The
// statement reads a file after a second, then it only computes, until stdin ends.
import { channel } from 'node:diagnostics_channel';
import { readSync } from 'node:fs';
import { watchSilence } from '../src/pulse.ts';
import { readSurroundings } from '../src/surroundings.ts';

const { around, stop } = watchSilence(readSurroundings());
await around.during('Reading', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
  channel('ta.file').publish(undefined);
  while (readSync(0, Buffer.alloc(1)) > 0);
  around.data('rows');
  return Promise.resolve();
});
stop();
process.exit();
