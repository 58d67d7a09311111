/**
 * Lets the program go on when nobody reads its output any more (`ta refresh | head`): it finishes its work, and
 * the exit code says how it ended. Any other failure to write still ends it.
 */
export function outliveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
