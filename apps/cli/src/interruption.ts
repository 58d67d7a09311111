import { CliError, EXIT } from '@ta/cli-kit';

/** A run that can be stopped. */
export interface Interruption {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Exit code of the signal received; undefined until there is one. */
  exitCode(): number | undefined;
  /** The failure of a run that was stopped (it was still waiting for the lock, say), with the signal's exit code. */
  asExit(error: unknown): unknown;
  /** Ends the run as a SIGINT would, for a reason that was reported elsewhere. */
  end(why: string): void;
  /** From here on the result is final and only recorded: signals are ignored. */
  settle(): void;
  /** From here on all is done: a signal only hastens the end of the process, with the exit code it has. */
  dispose(): void;
}

/** Without code of its own it takes `process.exitCode`. */
const leave = () => process.exit();

/** Replaces the listeners by one that ends the process. Without any listener for a moment a signal would kill it. */
function leaveAt(before: (name: NodeJS.Signals) => void): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    if (!process.listeners(name).includes(leave)) process.on(name, leave);
    process.off(name, before);
  }
}

/** Listens for SIGINT and SIGTERM: the first ends the run in good order, a second SIGINT ends the process at once. */
export function listenForInterruption(tell: (text: string) => void): Interruption {
  const controller = new AbortController();
  let code: number | undefined;
  const end = (exitCode: number, why: string) => {
    code ??= exitCode;
    tell(`[WARNING] ${why}: running items are rolled back (repeat to stop at once)`);
    controller.abort(new Error(`interrupted: ${why}`));
  };
  let isSettled = false;
  const onSignal = (name: NodeJS.Signals) => {
    if (isSettled) return;
    if (code !== undefined && name === 'SIGINT') process.exit(EXIT.interrupted);
    end(name === 'SIGINT' ? EXIT.interrupted : EXIT.terminated, `${name} received`);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    exitCode: () => code,
    end: (why) => end(EXIT.interrupted, why),
    asExit(error) {
      if (code === undefined) return error;
      const text = error instanceof Error ? error.message : String(error);
      return new CliError('CLI_INTERRUPTED', `Interrupted: ${text}`, { exitCode: code, cause: error });
    },
    settle: () => void (isSettled = true),
    dispose: () => leaveAt(onSignal),
  };
}

/** Listens for SIGINT and SIGTERM: the first asks for a good end, the second ends the process at once. */
export function listenForDrain(tell: (text: string) => void): Pick<Interruption, 'signal' | 'dispose'> {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? EXIT.interrupted : EXIT.terminated);
    tell(`[WARNING] ${name} received: running items are finished, no more are taken (repeat to stop at once)`);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose: () => leaveAt(onSignal),
  };
}
