import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The cost of a run of the command. */
export interface ProcessCost {
  /** From start to end of the process. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Most memory that it held at a time (peak resident set). */
  readonly peakBytes: number;
}

const ROOT = join(import.meta.dirname, '../../..');

/** A module that is loaded into the measured process, and writes its resource usage to a file as the process ends. */
const WRITE_USAGE = `data:text/javascript,${encodeURIComponent(
  "import { writeFileSync } from 'node:fs';" +
    "process.on('exit', () => writeFileSync(process.env.BENCH_USAGE_FILE, JSON.stringify(process.resourceUsage())));",
)}`;

/** The database of a process: a server's URL, or the folder of an embedded one. */
export interface ProcessDatabase {
  readonly url?: string;
  readonly dir?: string;
}

/**
 * Runs the built command as an operator does.
 * @throws Error when it is not built, or ends with another exit code than 0 (with the end of its output)
 */
export async function runCli(args: readonly string[], databaseUrl?: string): Promise<ProcessCost> {
  return runApp(ROOT, 'cli', args, { url: databaseUrl });
}

/** Runs a built command of a checkout; fails as {@link runCli} does. */
export async function runApp(
  root: string,
  app: 'cli' | 'validator',
  args: readonly string[],
  database: ProcessDatabase,
): Promise<ProcessCost> {
  const folder = join(root, 'apps', app);
  if (!existsSync(join(folder, 'bundle/main.js'))) {
    throw new Error(`the command is not built; run in ${root}: npx nx bundle ${app}`);
  }
  return runNode([join(folder, 'bin', app === 'cli' ? 'ta.js' : 'validator.js'), ...args], database);
}

/** Runs a Node program and measures its cost. */
export async function runNode(args: readonly string[], { url, dir }: ProcessDatabase = {}): Promise<ProcessCost> {
  const usageFile = join(tmpdir(), `ta-bench-usage-${process.pid}.json`);
  const database = { DATABASE_URL: url, DB_DIR: dir };
  const env = { ...process.env, ...database, NODE_OPTIONS: '', BENCH_USAGE_FILE: usageFile };
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
