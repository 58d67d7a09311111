/** Why an alert could not be delivered. The codes are public. */
export type AlertErrorCode =
  | 'ALERT_NETWORK' // no connection
  | 'ALERT_TIMEOUT' // no answer in time
  | 'ALERT_RATE_LIMITED' // Telegram answered 429 until the attempts were used up
  | 'ALERT_SERVER' // the same with 5xx
  | 'ALERT_REFUSED' // any other answer that is no success: token, chat or request are wrong
  | 'ALERT_ANSWER' // success was reported by something that is not the Bot API (a proxy, a captive portal)
  | 'ALERT_BUDGET' // the time for alerts is used up
  | 'ALERT_LIMIT' // the messages of this run are used up
  | 'ALERT_INTERNAL'; // a defect in a port or in this library

/** The only error class of this library. It never has a `cause`, because errors of HTTP clients quote the URL with the token. */
export class AlertError extends Error {
  override readonly name = 'AlertError';

  /**
   * @param message free of secrets
   * @param context plain data, free of secrets
   */
  constructor(
    readonly code: AlertErrorCode,
    message: string,
    readonly hint: string | undefined = undefined,
    readonly context: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
