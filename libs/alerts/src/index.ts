export { systemClock } from './clock.ts';
export {
  type AlertConfig,
  type ConfigNotice,
  DEFAULT_API_BASE,
  readAlertConfig,
  type TelegramTarget,
  withoutDelivery,
} from './config.ts';
export {
  type Corruption,
  corruptionEvent,
  type CorruptionThreshold,
  DEFAULT_CORRUPTION_THRESHOLD,
  findCorruption,
  type OhlcCounts,
} from './corruption.ts';
export { CRITICAL_DEDUP_WINDOW_MS, DEFAULT_DEDUP_WINDOW_MS, dedupKey } from './dedup.ts';
export { AlertError, type AlertErrorCode } from './errors.ts';
export { ALERT_EVENTS, type AlertEvent, type AlertEventName, type SeverityFacts, severityOf } from './event.ts';
export { type FetchLike, fetchTransport } from './fetch-transport.ts';
export { createFileLedger, type ReplaceFile } from './file-ledger.ts';
export { type AlertLimits, DEFAULT_LIMITS } from './limits.ts';
export { type Alerter, type AlerterOptions, createAlerter } from './notify.ts';
export { type AlertOutcome } from './outbox.ts';
export {
  type AlertClock,
  type AlertLedger,
  type AlertLog,
  type AlertLogLevel,
  type AlertPorts,
  type AlertRow,
  type AlertTransport,
  type LastSent,
  type TransportAnswer,
  type TransportRequest,
} from './ports.ts';
export { processPorts } from './process-ports.ts';
export { type AlertSummary } from './sender.ts';
export {
  ALERT_SEVERITIES,
  type AlertSeverity,
  DEFAULT_MIN_SEVERITY,
  isMoreUrgent,
  parseSeverity,
  passesThreshold,
} from './threshold.ts';
