import { createDocumentRedact, createRedact, readSurroundings, secretsOf, type Surroundings } from '@ta/cli-kit';
import { runCommandLine } from '../../src/command-line.ts';

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a command runs. */
export interface Inside {
  /** Stands for the workspace: relative paths, `.logs` and `.data` start here. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Clock of the command, epoch ms. */
  readonly nowMs?: number;
  /** A clock that goes on, in place of `nowMs`. */
  readonly now?: () => number;
  /** What durations are measured by, ms. */
  readonly monotonic?: () => number;
  /** Told of every line on stdout while the command stands still. */
  readonly onLine?: (line: string) => void;
  /** Told of every line on stderr that stays. */
  readonly onWarning?: (line: string) => void;
  /** The program; `ta` without. */
  readonly program?: typeof runCommandLine;
}

/**
 * Runs one command line in this process, with streams, environment and clock of its own: quick enough for tables of cases.
 * Real processes are started by `taProcess` and the tests of resilience.
 */
export async function runInside(argv: readonly string[], inside: Inside): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  const secrets = secretsOf(inside.env, argv);
  const [redact, redactDocument] = [createRedact(secrets), createDocumentRedact(secrets)];
  const around: Surroundings = {
    ...readSurroundings(),
    root: inside.root,
    env: inside.env,
    isTty: false,
    host: 'test',
    redact,
    redactDocument,
    ...(inside.nowMs === undefined ? {} : { now: () => inside.nowMs as number }),
    ...(inside.now === undefined ? {} : { now: inside.now }),
    ...(inside.monotonic === undefined ? {} : { monotonic: inside.monotonic }),
    write: (text) => void (texts.stdout += redactDocument(text)),
    data: (text) => void (texts.stdout += `${text}\n`),
    print: (line) => {
      texts.stdout += `${redact(line)}\n`;
      inside.onLine?.(line);
    },
    warn: (line) => {
      texts.stderr += `${redact(line)}\n`;
      inside.onWarning?.(line);
    },
    passing: (line) => void (texts.stderr += line === '' ? '' : `${redact(line)}\n`),
    standIn: () => undefined,
  };
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await (inside.program ?? runCommandLine)(argv, around);
    return { code: Number(process.exitCode ?? 0), ...texts };
  } finally {
    process.exitCode = before;
  }
}
