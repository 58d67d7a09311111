import type { Refusal } from '@ta/dashboard-server/api';

/** The server refused the request, or could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
}

const prefetched = new Map<string, Promise<unknown>>();

/** Sends a request now whose answer {@link ask} will need soon. */
export function prefetch(path: string, query: string): void {
  const address = addressOf(path, query);
  const answer = request(address);
  answer.catch(() => undefined);
  prefetched.set(address, answer);
}

/**
 * Sends a request to the server and returns its answer.
 * @throws ApiError with the server's message; the reason of the abort when `signal` gave it up
 */
export async function ask<T>(
  path: string,
  parameters: Readonly<Record<string, string | number>> = {},
  signal?: AbortSignal,
): Promise<T> {
  const query = new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, String(value)]),
  ).toString();
  const address = addressOf(path, query);
  const early = prefetched.get(address);
  prefetched.delete(address);
  const answer = await (early ?? request(address, signal));
  // a request that was sent early goes on when it is given up
  signal?.throwIfAborted();
  return answer as T;
}

function addressOf(path: string, query: string): string {
  return `/api/${path}${query === '' ? '' : `?${query}`}`;
}

async function request(address: string, signal?: AbortSignal): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(address, { signal });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError('The server does not answer. Is "ta ui" still running?');
  }
  const body = await bodyOf(response, signal);
  if (response.ok) return body;
  const { error, hint } = body as Refusal;
  throw new ApiError(hint === undefined ? error : `${error} ${hint}`);
}

/** The body of an answer. If it is aborted or breaks off after the status has arrived, that is a failure, whatever the status. */
async function bodyOf(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError(
      response.ok
        ? 'The answer of the server broke off. Is "ta ui" still running?'
        : `The server answered ${response.status}.`,
    );
  }
}
