import { type TelegramTarget } from './config.ts';
import { AlertError, type AlertErrorCode } from './errors.ts';
import { plainText } from './format.ts';
import { type AlertClock, type AlertTransport, type TransportAnswer } from './ports.ts';
import { type Scrub, tokenInPath } from './secret.ts';

/** What became of one message. The reason is one line, free of secrets. */
export type Delivery =
  | { readonly isDelivered: true }
  | { readonly isDelivered: false; readonly code: AlertErrorCode; readonly reason: string };

/** How much time a delivery may take. */
export interface Allowance {
  /** Time left now, in ms; at 0 or below nothing is started, and no wait is started that would not end in time. */
  remainingMs(): number;
  /** Fires when everything has to stop at once. */
  readonly signal: AbortSignal;
}

/** Sends messages to one chat. */
export interface TelegramChat {
  /** Delivers one text in Telegram's HTML; never rejects. */
  send(html: string, allowance: Allowance): Promise<Delivery>;
}

/** What a chat is made of. */
export interface TelegramChatOptions {
  readonly target: TelegramTarget;
  readonly transport: AlertTransport;
  readonly clock: AlertClock;
  readonly scrub: Scrub;
  /** Limit of one request; 10 s in production. */
  readonly requestTimeoutMs: number;
}

const MAX_ATTEMPTS = 3;
/** Waits before the second and the third attempt when the network or the server failed. */
const RETRY_WAITS_MS = [1000, 3000];
const DEFAULT_RETRY_AFTER_SECONDS = 5;
const MAX_RETRY_AFTER_SECONDS = 60;
const DESCRIPTION_LIMIT = 200;

/**
 * Makes the sender for one chat: three attempts at most; a 429 waits as long as the server says, capped at 60 s; a network
 * error or 5xx waits 1 s, then 3 s; a message whose markup was refused is sent once more as plain text; nothing else is repeated.
 */
export function createTelegramChat(options: TelegramChatOptions): TelegramChat {
  const { target, clock, scrub } = options;
  const url = `${target.apiBase}/bot${tokenInPath(target.botToken)}/sendMessage`;

  async function send(html: string, allowance: Allowance): Promise<Delivery> {
    let isHtml = true;
    for (let attempt = 1; ;) {
      const verdict = await post(isHtml ? htmlBody(html) : plainBody(html), attempt, allowance);
      if (verdict.kind === 'delivered') return { isDelivered: true };
      if (verdict.kind === 'markup_refused' && isHtml) {
        isHtml = false;
        continue;
      }
      const failure: Delivery = { isDelivered: false, code: verdict.code, reason: verdict.reason };
      if (verdict.kind !== 'retry' || attempt === MAX_ATTEMPTS) return failure;
      if (verdict.waitMs >= allowance.remainingMs()) {
        return { ...failure, reason: `${failure.reason}; no time left to wait ${seconds(verdict.waitMs)}` };
      }
      await clock.sleep(verdict.waitMs, allowance.signal);
      attempt++;
    }
  }

  async function post(body: object, attempt: number, allowance: Allowance): Promise<Verdict> {
    const remainingMs = allowance.signal.aborted ? 0 : allowance.remainingMs();
    if (remainingMs <= 0) return gaveUp('ALERT_BUDGET', 'no time left for alerts');
    const timeoutMs = Math.min(options.requestTimeoutMs, remainingMs);
    const request = { url, body: JSON.stringify(body), timeoutMs, signal: allowance.signal };
    try {
      const answer = await orAborted(options.transport(request), allowance.signal);
      return judge(answer, attempt, scrub);
    } catch (thrown) {
      if (allowance.signal.aborted) return gaveUp('ALERT_BUDGET', 'no time left for alerts');
      if (!(thrown instanceof AlertError)) return gaveUp('ALERT_INTERNAL', 'the transport broke its contract');
      return retryLater(thrown.code, scrub(thrown.message), RETRY_WAITS_MS[attempt - 1]);
    }
  }

  const addressed = { chat_id: target.chatId, link_preview_options: { is_disabled: true } };
  const htmlBody = (html: string) => ({ ...addressed, text: html, parse_mode: 'HTML' });
  const plainBody = (html: string) => ({ ...addressed, text: plainText(html) });
  return { send };
}

type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed' | 'markup_refused'; readonly code: AlertErrorCode; readonly reason: string }
  | { readonly kind: 'retry'; readonly code: AlertErrorCode; readonly reason: string; readonly waitMs: number };

function gaveUp(code: AlertErrorCode, reason: string): Verdict {
  return { kind: 'failed', code, reason };
}

function retryLater(code: AlertErrorCode, reason: string, waitMs: number): Verdict {
  return { kind: 'retry', code, reason, waitMs };
}

function judge(answer: TransportAnswer, attempt: number, scrub: Scrub): Verdict {
  const said = parseAnswer(answer.body);
  const isSuccess = answer.status >= 200 && answer.status < 300;
  if (isSuccess && said.ok !== false) {
    // an incomplete body after a 200 is a delivered message; sending it again would double it. A complete body that is
    // not the Bot API's shows that something else answered.
    if (answer.body === null || said.ok === true) return { kind: 'delivered' };
    return gaveUp('ALERT_ANSWER', `HTTP ${answer.status} without the Bot API's answer (check TELEGRAM_API_BASE)`);
  }
  const status = isSuccess ? (said.errorCode ?? answer.status) : answer.status;
  const description = scrub(said.description ?? '')
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, DESCRIPTION_LIMIT);
  const reason = `HTTP ${status}${description === '' ? '' : ` ${description}`}${hintFor(status, said)}`;
  if (status === 429) return retryLater('ALERT_RATE_LIMITED', reason, retryAfterMs(answer, said));
  if (status >= 500) return retryLater('ALERT_SERVER', reason, RETRY_WAITS_MS[attempt - 1]);
  const isMarkup = status === 400 && /\bentit(y|ies)\b|can't parse/i.test(description);
  return { kind: isMarkup ? 'markup_refused' : 'failed', code: 'ALERT_REFUSED', reason };
}

interface BotAnswer {
  readonly ok?: boolean;
  readonly errorCode?: number;
  readonly description?: string;
  readonly retryAfterSeconds?: number;
  readonly migrateToChatId?: number;
}

/** Reads the fields that have the expected type; a proxy may answer with anything. */
function parseAnswer(body: string | null): BotAnswer {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body ?? '');
  } catch {
    return {};
  }
  const answer = record(parsed);
  const parameters = record(answer.parameters);
  return {
    ok: typeof answer.ok === 'boolean' ? answer.ok : undefined,
    errorCode: finite(answer.error_code),
    description: typeof answer.description === 'string' ? answer.description : undefined,
    retryAfterSeconds: finite(parameters.retry_after),
    migrateToChatId: finite(parameters.migrate_to_chat_id),
  };
}

function retryAfterMs(answer: TransportAnswer, said: BotAnswer): number {
  const header = /^\d+$/.test(answer.retryAfter?.trim() ?? '') ? Number(answer.retryAfter) : undefined;
  const named = [said.retryAfterSeconds, header].find((value) => value !== undefined && value >= 0);
  return Math.min(named ?? DEFAULT_RETRY_AFTER_SECONDS, MAX_RETRY_AFTER_SECONDS) * 1000;
}

function hintFor(status: number, said: BotAnswer): string {
  if (said.migrateToChatId !== undefined) return ` (set TELEGRAM_CHAT_ID to ${said.migrateToChatId})`;
  if (status === 400) return ' (check TELEGRAM_CHAT_ID)';
  if (status === 401 || status === 404) return ' (check TELEGRAM_BOT_TOKEN)';
  if (status === 403) return ' (the bot may not write to this chat: start it or add it)';
  if (status >= 300 && status < 400) return ' (check TELEGRAM_API_BASE: redirects are not followed)';
  return '';
}

/** Settles with the promise or rejects when the signal fires, also if the transport ignores the signal. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new AlertError('ALERT_BUDGET', 'stopped'));
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function seconds(durationMs: number): string {
  return `${durationMs / 1000} s`;
}
