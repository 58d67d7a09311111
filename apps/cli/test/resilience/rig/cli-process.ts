import { spawn } from 'node:child_process';
import { statSync, readdirSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** How a run of the command ended. */
export interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From start to end of the process. */
  readonly seconds: number;
}

/** A run of the command in a process of its own. */
export interface CliRun {
  readonly pid: number;
  readonly ended: Promise<CliEnd>;
  /** What it has printed so far, both streams in the order of arrival. */
  output(): string;
  /** Waits until it has printed something that matches, or has ended; tells which. */
  said(pattern: RegExp): Promise<boolean>;
  kill(signal: NodeJS.Signals): void;
}

const ROOT = path.resolve(import.meta.dirname, '../../../../..');

/** The programs: the command, and the validator. */
export type App = 'cli' | 'validator';
const BINS: Record<App, string> = { cli: 'ta', validator: 'validator' };

/** Arguments of Node that run a program: the built one where it is as new as the source, else the source. */
export function cliCommand(app: App = 'cli'): readonly string[] {
  const found = commands.get(app) ?? (isBuilt(app) ? [`apps/${app}/bin/${BINS[app]}.js`] : fromSource(app));
  commands.set(app, found);
  return found;
}

const commands = new Map<App, readonly string[]>();
const fromSource = (app: App) => ['--import', 'tsx', '--conditions=@ta/source', `apps/${app}/src/main.ts`];

function isBuilt(app: App): boolean {
  const bundle = path.join(ROOT, 'apps', app, 'bundle/main.js');
  if (!existsSync(bundle)) return false;
  const builtMs = statSync(bundle).mtimeMs;
  const libs = readdirSync(path.join(ROOT, 'libs')).map((lib) => path.join('libs', lib));
  return [`apps/${app}`, ...libs].every((project) => newestMs(path.join(ROOT, project, 'src')) <= builtMs);
}

function newestMs(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'));
  return Math.max(...sources.map((entry) => statSync(path.join(entry.parentPath, entry.name)).mtimeMs));
}

/** What a cron job would see, and whether statements are recorded (`tools/bin/record-statements.mjs`). */
function passedOn(): Record<string, string | undefined> {
  const names = ['PATH', 'HOME', 'TMPDIR'];
  const recording = process.env['TA_STATEMENTS'] === undefined ? [] : ['TA_STATEMENTS', 'NODE_OPTIONS'];
  return Object.fromEntries([...names, ...recording].map((name) => [name, process.env[name]]));
}

/**
 * Starts `ta`, or the validator, with these arguments. Of our own environment it sees no more than a cron job would.
 *
 * @param through a program with its arguments that runs the command, such as one that enters another network
 */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  app: App = 'cli',
  through: readonly string[] = [],
): CliRun {
  const startedMs = performance.now();
  const isEmbedded = (env['DB_DIR'] ?? '') !== '';
  const node = [process.execPath, ...(isEmbedded ? QUICK_WASM : [])];
  const [program, ...words] = [...through, ...node, ...cliCommand(app), ...args] as [string, ...string[]];
  const child = spawn(program, words, {
    cwd: ROOT,
    env: { ...QUIET, ...passedOn(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '', both: '' };
  const listeners = new Set<() => void>();
  const changed = () => listeners.forEach((listener) => listener());
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
      texts.both += chunk;
      changed();
    });
  }
  let isEnded = false;
  const ended = new Promise<CliEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      isEnded = true;
      const { stdout, stderr } = texts;
      resolve({ code, signal, stdout, stderr, seconds: (performance.now() - startedMs) / 1000 });
      changed();
    });
  });
  return {
    pid: child.pid ?? -1,
    ended,
    output: () => texts.both,
    said: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const isSaid = pattern.test(texts.both);
          if (!isSaid && !isEnded) return;
          listeners.delete(look);
          resolve(isSaid);
        };
        listeners.add(look);
        look();
      }),
    kill: (signal) => void child.kill(signal),
  };
}

/** Runs `ta` to its end. */
export function runCli(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliEnd> {
  return startCli(args, env).ended;
}

/** Strikes a refresh from its summary to its end, as often as this process can: while it closes, and while it leaves. */
export async function struckAfterSummary(run: CliRun, signal: NodeJS.Signals): Promise<CliEnd> {
  await run.said(/All components completed/);
  let isAlive = true;
  const strike = () => {
    if (!isAlive) return;
    run.kill(signal);
    setImmediate(strike);
  };
  strike();
  const end = await run.ended;
  isAlive = false;
  return end;
}

/**
 * Runs on an embedded database are short here: Node would spend half of their processor time on compiling PGlite a second time,
 * for long runs, and on validating functions that are never called.
 */
export const QUICK_WASM: readonly string[] = ['--liftoff-only', '--wasm-lazy-validation'];

/** Settings that a `.env` of the clone might hold; empty counts as not set. */
const QUIET = {
  DATABASE_URL: '',
  TARGET_DB_URL: '',
  DB_DIR: '',
  TELEGRAM_BOT_TOKEN: '',
  TELEGRAM_CHAT_ID: '',
  NO_COLOR: '1',
  // logs of commands that are given no folder for them
  TA_HOME: path.join(tmpdir(), 'ta-test-home'),
};
