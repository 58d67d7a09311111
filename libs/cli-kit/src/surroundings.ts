import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { envFileWarning, readEnvFile } from './env-file.ts';
import { failureLines } from './failure-lines.ts';
import { openPassingLine } from './passing-line.ts';
import { createDocumentRedact, createRedact, secretsOf, type Redact } from './redact.ts';
import { startStandIn, type StandIn } from './stand-in.ts';

/** What a command is at, in a few words; a function where they change. Null where silence is right. */
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
  /** A document of messages and data to stdout, scrubbed as such; line breaks are in it. */
  write(text: string): void;
  /** Rows that were asked for to stdout, as they are; a line break follows. */
  data(text: string): void;
  /** One line that says something to stdout, scrubbed. */
  print(line: string): void;
  /** One line about the work to stderr, scrubbed. */
  warn(line: string): void;
  /** One line about the work to stderr, scrubbed, which the next output replaces on a terminal; an empty one takes it away. */
  passing(line: string): void;
  /** Waits for work; what it is about is said on stderr whenever nothing else is for almost 3 s. */
  during<T>(what: Doing, work: () => Promise<T>): Promise<T>;
  /** Says what the command is at when it is time: work that keeps timers from running calls this on the way. */
  look(): void;
  /** Starts what speaks for this thread while it cannot; nothing where there is no such thread. */
  standIn(): StandIn | undefined;
  /** Scrubs a message. */
  readonly redact: Redact;
  /** Scrubs a document of messages and data. */
  readonly redactDocument: Redact;
}

/**
 * Reads the surroundings of this process once and gives them to a program; says why when they cannot be read. Afterwards it
 * ends the process: one that runs out by itself stops listening for signals before it is gone, and a late one kills it.
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
