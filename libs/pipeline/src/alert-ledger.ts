import type { AlertLedger } from '@ta/alerts';
import { countSuppressedAlerts, findLastSentAlert, recordAlert, type Database } from '@ta/state-store';

/**
 * The record of sent alerts in `ops_alerts` (docs/operations.md#alerts).
 *
 * @param database the open database, or null while none is open; then every call rejects, and the caller uses its fallback
 */
export function databaseLedger(database: () => Database | null): AlertLedger {
  const open = (): Database => {
    const found = database();
    if (found === null) throw new Error('no database is open');
    return found;
  };
  return {
    async findLastSent(dedupKey) {
      const found = await open().session((session) => findLastSentAlert(session, dedupKey));
      return found === null ? null : { sentAtMs: found.sentAt.getTime(), severity: found.severity };
    },
    async countSuppressed(dedupKey, afterMs) {
      return open().session((session) => countSuppressedAlerts(session, dedupKey, new Date(afterMs)));
    },
    async record({ createdAtMs, sentAtMs, ...row }) {
      const createdAt = new Date(createdAtMs);
      const sentAt = sentAtMs === null ? null : new Date(sentAtMs);
      await open().session((session) => recordAlert(session, { ...row, createdAt, sentAt }));
    },
  };
}
