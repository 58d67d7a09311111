import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a run of the command cost. */
export interface ProcessCost {
  /** From start to end of the process. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Most memory that it held at a time (peak resident set). */
  readonly peakBytes: number;
}

const ROOT = join(import.meta.dirname, '../../..');
const COMMAND = join(ROOT, 'apps/cli/bin/ta.js');
const BUILT = join(ROOT, 'apps/cli/bundle/main.js');

/** Loaded into the measured process: writes down its resource usage as it ends. */
const WRITE_USAGE = `data:text/javascript,${encodeURIComponent(
  "import { writeFileSync } from 'node:fs';" +
    "process.on('exit', () => writeFileSync(process.env.BENCH_USAGE_FILE, JSON.stringify(process.resourceUsage())));",
)}`;

/**
 * Runs the built command as an operator does.
 * @throws Error when it is not built, or ends with another exit code than 0 (with the end of its output)
 */
export async function runCli(args: readonly string[], databaseUrl?: string): Promise<ProcessCost> {
  if (!existsSync(BUILT)) throw new Error('the command is not built; run: npx nx bundle cli');
  return runNode([COMMAND, ...args], databaseUrl);
}

/** Runs a Node program and tells what it cost. */
export async function runNode(args: readonly string[], databaseUrl?: string): Promise<ProcessCost> {
  const usageFile = join(tmpdir(), `ta-bench-usage-${process.pid}.json`);
  const env = { ...process.env, DATABASE_URL: databaseUrl, NODE_OPTIONS: '', BENCH_USAGE_FILE: usageFile };
  const startedMs = performance.now();
  const child = spawn(process.execPath, ['--import', WRITE_USAGE, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-4000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = (performance.now() - startedMs) / 1000;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${output}`);
  const usage = JSON.parse(await readFile(usageFile, 'utf8')) as NodeJS.ResourceUsage;
  await rm(usageFile);
  return {
    seconds,
    cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    peakBytes: usage.maxRSS * 1024,
  };
}
