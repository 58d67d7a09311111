import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { envFileWarning, readEnvFile } from './env-file.ts';
import { failureLines } from './failure-lines.ts';
import { openPassingLine } from './passing-line.ts';
import { createDocumentRedact, createRedact, secretsOf, type Redact } from './redact.ts';
import { startStandIn, type StandIn } from './stand-in.ts';

/** What a command is doing, in a few words, or a function if they change; null if it may be silent. */
export type Doing = string | null | (() => string | null);

/** What the process gives to a command; the only place that reads environment, clock and streams. */
export interface Surroundings {
  /** Folder that `.env`, `.data/pg`, `.logs` and relative paths start from: `TA_HOME`, else the clone, else the current one. */
  readonly root: string;
  /** Environment with `.env` of the root beneath it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTty: boolean;
  readonly host: string;
  readonly pid: number;
  /** Epoch ms. */
  now(): number;
  /** Milliseconds for durations. */
  monotonic(): number;
  /** Writes a document of messages and data to stdout, scrubbed by `redactDocument`; no line break is added. */
  write(text: string): void;
  /** Writes requested rows to stdout unchanged, and a line break. */
  data(text: string): void;
  /** Writes one line of messages to stdout, scrubbed. */
  print(line: string): void;
  /** Writes one line about the work to stderr, scrubbed. */
  warn(line: string): void;
  /** Shows a status line on stderr, scrubbed, which the next output replaces on a terminal; an empty text removes it. */
  passing(line: string): void;
  /** Waits for work; `what` is shown on stderr whenever nothing was printed for almost 3 s. */
  during<T>(what: Doing, work: () => Promise<T>): Promise<T>;
  /** Reports what the command is doing if that is due; work that keeps timers from running calls it now and then. */
  look(): void;
  /** Starts the thread that reports while this one is busy; undefined where there is none. */
  standIn(): StandIn | undefined;
  /** Scrubs a message. */
  readonly redact: Redact;
  /** Scrubs a document of messages and data. */
  readonly redactDocument: Redact;
}

/**
 * Reads the surroundings of this process once and runs a program with them, or reports why they cannot be read. After the program
 * it ends the process: one that ends by itself stops handling signals before it is gone, and a late signal would kill it.
 */
export async function withSurroundings(program: (around: Surroundings) => Promise<void>): Promise<void> {
  let around: Surroundings;
  try {
    around = readSurroundings();
  } catch (error) {
    const { lines, exitCode } = failureLines(error, false);
    process.stderr.write(`${lines.join('\n')}\n`);
    process.exitCode = exitCode;
    return;
  }
  await program(around);
  for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write('', resolve));
  process.exit();
}

/**
 * Reads the surroundings of this process.
 *
 * @throws CliError `CLI_BAD_ENV_FILE`
 */
export function readSurroundings(): Surroundings {
  const root = process.env['TA_HOME'] ? path.resolve(process.env['TA_HOME']) : workspaceRoot();
  const envFile = path.join(root, '.env');
  const env = { ...readEnvFile(envFile), ...process.env };
  const warning = envFileWarning(envFile);
  if (warning !== null) process.stderr.write(`[WARNING] ${warning}\n`);
  const secrets = secretsOf(env, process.argv);
  const [redact, redactDocument] = [createRedact(secrets), createDocumentRedact(secrets)];
  const passing = openPassingLine(process.stderr);
  const tell = (stream: NodeJS.WriteStream, text: string) => {
    passing.clear();
    stream.write(text);
  };
  return {
    root,
    env,
    isTty: process.stdout.isTTY === true && env['NO_COLOR'] === undefined,
    host: hostname(),
    pid: process.pid,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    write: (text) => tell(process.stdout, redactDocument(text)),
    data: (text) => tell(process.stdout, `${text}\n`),
    print: (line) => tell(process.stdout, `${redact(line)}\n`),
    warn: (line) => tell(process.stderr, `${redact(line)}\n`),
    passing: (line) => passing.show(redact(line)),
    during: (_what, work) => work(),
    look: () => undefined,
    standIn: () => startStandIn(passing),
    redact,
    redactDocument,
  };
}

/** The clone that holds this program, or the current folder for an installed one. */
function workspaceRoot(): string {
  const clone = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
  return existsSync(path.join(clone, 'nx.json')) ? clone : process.cwd();
}
