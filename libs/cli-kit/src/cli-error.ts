import { EXIT } from './exit-codes.ts';

/** A failure the user can act on: one message, one hint, one documented exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';

  /**
   * @param code stable public code, `CLI_…`
   * @param message what is wrong and where
   * @param options.exitCode status of the process (docs/operations.md#exit-codes); usage error by default
   * @param options.hint what to do next
   */
  constructor(
    readonly code: `CLI_${string}`,
    message: string,
    readonly options: { exitCode?: number; hint?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }

  /** Status of the process. */
  get exitCode(): number {
    return this.options.exitCode ?? EXIT.usage;
  }

  /** What the user can do next, if anything is known. */
  get hint(): string | undefined {
    return this.options.hint;
  }
}
