// make first-hour: what a new user does, to the letter. The blocks of the README go to a shell, one after the other, in a fresh
// clone of this commit that has two files of real prices beside it.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { blocksOf, CLONE, copyPriceFiles, hasPrinted, tidy, type Printed } from './kit/page-blocks.ts';

/** Another command of its own, which this one may be a part of. */
const WHOLE_CHECK = /^make test\b.*$/m;

const folder = mkdtempSync(path.join(tmpdir(), 'ta-first-hour-'));
const clone = path.join(folder, 'ta');
const { PATH, HOME } = process.env;
/** The longest silence, and what was heard last before it. */
let longest = { ms: 0, after: '' };

/** A block as a shell runs it; all it prints is shown. */
async function shell(script: string): Promise<Printed> {
  let [text, beside] = ['', ''];
  let [heardMs, last] = [performance.now(), script];
  const child = spawn('sh', ['-ec', script], { cwd: clone, env: { PATH, HOME }, stdio: ['ignore', 'pipe', 'pipe'] });
  const heard = (chunk: string, stream: NodeJS.WriteStream): string => {
    const nowMs = performance.now();
    if (nowMs - heardMs > longest.ms) longest = { ms: nowMs - heardMs, after: last };
    [heardMs, last] = [nowMs, chunk];
    stream.write(chunk);
    return chunk;
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (text += heard(chunk, process.stdout)));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (beside += heard(chunk, process.stderr)));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`exit code ${status} of:\n${script}`);
  return { text, beside };
}

try {
  execFileSync('git', ['clone', '--quiet', CLONE, clone]);
  copyPriceFiles(clone);
  let printed: Printed | null = null;
  let compared = 0;
  for (const { language, text } of blocksOf('README.md')) {
    if (language === 'sh') {
      process.stdout.write(`\n== ${text}`);
      printed = await shell(text.replace(WHOLE_CHECK, ''));
    } else {
      const wanted = tidy(text);
      if (printed === null || !hasPrinted(printed, wanted)) throw new Error(`not printed:${wanted}`);
      compared++;
    }
  }
  const silence = `${(longest.ms / 1000).toFixed(1)} s after:\n${longest.after.trim()}`;
  process.stdout.write(`\n[OK] The README does what it says: ${compared} answers; longest silence ${silence}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
