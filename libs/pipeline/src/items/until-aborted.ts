/** Passes chunks on until the run is stopped; then it throws, so that the COPY fails and its step is rolled back. */
export function* untilAborted(chunks: Iterable<Uint8Array>, signal: AbortSignal | undefined): Generator<Uint8Array> {
  for (const chunk of chunks) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
