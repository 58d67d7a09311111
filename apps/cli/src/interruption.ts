import { CliError, EXIT } from '@ta/cli-kit';

/** A run that can be stopped. */
export interface Interruption {
  /** Aborted by the first SIGINT or SIGTERM, or by `end`. */
  readonly signal: AbortSignal;
  /** Exit code of the signal received; undefined until there is one. */
  exitCode(): number | undefined;
  /** Gives the failure of a stopped run (for example one that was still waiting for the lock) the exit code of the signal. */
  asExit(error: unknown): unknown;
  /** Ends the run as SIGINT does, for a reason that was already reported. */
  end(why: string): void;
  /** Ignores signals from now on: the result is final and only has to be recorded. */
  settle(): void;
  /** From now on a signal ends the process at once with the exit code it already has, since all work is done. */
  dispose(): void;
}

/** Exits with `process.exitCode`. */
const leave = () => process.exit();

/** Replaces the listeners by one that ends the process. The new one is added first, since without any listener a signal would kill the process. */
function leaveAt(before: (name: NodeJS.Signals) => void): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    if (!process.listeners(name).includes(leave)) process.on(name, leave);
    process.off(name, before);
  }
}

/** Listens for SIGINT and SIGTERM: the first stops the run in an orderly way, a second SIGINT ends the process at once. */
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

/** Listens for SIGINT and SIGTERM: the first requests an orderly end, the second ends the process at once. */
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
