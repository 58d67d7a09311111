import { and, count, desc, eq, gt, isNotNull } from 'drizzle-orm';
import type { Session } from '../connect/database.ts';
import { alerts } from '../schema/ops.ts';

/** A row of `ops_alerts` to append (docs/operations.md#alerts). */
export type AlertRecord = Omit<typeof alerts.$inferInsert, 'alertId'>;

/** The newest message that was sent for a key, or null. */
export async function findLastSentAlert(
  session: Session,
  dedupKey: string,
): Promise<{ readonly sentAt: Date; readonly severity: AlertRecord['severity'] } | null> {
  const [row] = await session.orm
    .select({ sentAt: alerts.sentAt, severity: alerts.severity })
    .from(alerts)
    .where(and(eq(alerts.dedupKey, dedupKey), isNotNull(alerts.sentAt)))
    .orderBy(desc(alerts.sentAt))
    .limit(1);
  return row === undefined ? null : { sentAt: row.sentAt as Date, severity: row.severity };
}

/** Number of messages of a key that were suppressed after an instant. */
export async function countSuppressedAlerts(session: Session, dedupKey: string, after: Date): Promise<number> {
  const [row] = await session.orm
    .select({ n: count() })
    .from(alerts)
    .where(and(eq(alerts.dedupKey, dedupKey), eq(alerts.outcome, 'deduplicated'), gt(alerts.createdAt, after)));
  return row?.n ?? 0;
}

/** Appends a row. */
export async function recordAlert(session: Session, row: AlertRecord): Promise<void> {
  await session.orm.insert(alerts).values(row);
}
