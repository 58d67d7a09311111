/** Passes chunks on until the run is stopped; then it throws, so that the step is rolled back. */
export function* untilAborted<Chunk>(chunks: Iterable<Chunk>, signal: AbortSignal | undefined): Generator<Chunk> {
  for (const chunk of chunks) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
