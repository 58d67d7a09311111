/**
 * SQL of the instant since which a reject counts as new: the start of the newest successful refresh; before the first one
 * everything is new.
 */
export function lastRunSql(): string {
  return `(SELECT coalesce(max(started_at), '-infinity') FROM ops_runs WHERE status = 'ok')`;
}
