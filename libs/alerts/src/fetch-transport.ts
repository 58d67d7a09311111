import { AlertError } from './errors.ts';
import { type AlertTransport, type TransportRequest } from './ports.ts';

/** The part of `fetch` that is used. */
export type FetchLike = (
  url: string,
  init: {
    method: 'POST';
    headers: Record<string, string>;
    body: string;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

/**
 * Makes a transport of `fetch`. The time limit covers the whole exchange: `fetch` itself resolves with the headers, and a
 * body that arrives slowly would otherwise hold the run open. Redirects are not followed, so the URL with the token is never
 * sent to a host that was not configured.
 */
export function fetchTransport(fetchLike: FetchLike = globalThis.fetch): AlertTransport {
  return async (request) => {
    const deadline = startDeadline(request);
    try {
      const answer = await Promise.race([call(fetchLike, request, deadline.signal), deadline.expired]);
      return {
        status: answer.status,
        retryAfter: answer.headers.get('retry-after'),
        body: await bodyOf(answer, deadline),
      };
    } catch (thrown) {
      throw deadline.signal.aborted ? deadline.error() : networkError(thrown);
    } finally {
      deadline.clear();
    }
  };
}

interface Deadline {
  readonly signal: AbortSignal;
  /** Rejects when the time is over, also if the client ignores the signal. */
  readonly expired: Promise<never>;
  error(): AlertError;
  clear(): void;
}

function startDeadline({ timeoutMs, signal }: TransportRequest): Deadline {
  const controller = new AbortController();
  let reject: (reason: AlertError) => void;
  const expired = new Promise<never>((_, onRejected) => (reject = onRejected));
  expired.catch(() => undefined);
  const error = () => new AlertError('ALERT_TIMEOUT', `no complete answer within ${Math.round(timeoutMs)} ms`);
  const expire = () => {
    controller.abort();
    reject(error());
  };
  const timer = setTimeout(expire, timeoutMs);
  if (signal.aborted) expire();
  else signal.addEventListener('abort', expire, { once: true });
  const clear = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', expire);
    // releases the connection if the body was not read to its end
    controller.abort();
  };
  return { signal: controller.signal, expired, error, clear };
}

async function call(fetchLike: FetchLike, request: TransportRequest, signal: AbortSignal): ReturnType<FetchLike> {
  const headers = { 'content-type': 'application/json' };
  return await fetchLike(request.url, { method: 'POST', headers, body: request.body, redirect: 'manual', signal });
}

/** The status says what happened; when the body breaks off, only the explanation is lost. */
async function bodyOf(answer: { text(): Promise<string> }, deadline: Deadline): Promise<string | null> {
  try {
    return await Promise.race([answer.text(), deadline.expired]);
  } catch {
    return null;
  }
}

/** Keeps the system's error code and drops the rest: messages of HTTP clients quote the URL. */
function networkError(thrown: unknown): AlertError {
  const systemCode = systemCodeOf(thrown);
  const message = systemCode === null ? 'network error' : `network error (${systemCode})`;
  return new AlertError('ALERT_NETWORK', message, 'Check the connection to the host of TELEGRAM_API_BASE.', {
    systemCode,
  });
}

function systemCodeOf(thrown: unknown): string | null {
  let fault: unknown = thrown;
  for (let depth = 0; depth < 5 && typeof fault === 'object' && fault !== null; depth++) {
    const { code, cause, errors } = fault as { code?: unknown; cause?: unknown; errors?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
    // localhost has two addresses, and Node then reports both failures at once
    fault = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return null;
}
