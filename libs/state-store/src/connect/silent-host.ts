import type { Session } from './database.ts';

/** How long a host may be silent before the server ends its session, milliseconds. */
export const SILENT_HOST_MS = 10_000;

/**
 * Asks the server to end this connection's session, and with it its locks and its transaction, soon after the host at the
 * other end has vanished: a power cut or a cut network says no word, and a server notices that after hours unless told to
 * look. A process that dies on a living host is noticed at once, without this.
 */
export async function endWhenSilent(session: Session): Promise<void> {
  if (session.engine !== 'postgres') return;
  await session.query(
    `SELECT set_config('tcp_keepalives_idle', '4', false), set_config('tcp_keepalives_interval', '2', false),
       set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '${SILENT_HOST_MS}', false),
       set_config('client_connection_check_interval', ${CHECKS_CONNECTION} , false)`,
  );
}

/** Only some systems can tell that a connection ended while a statement is at work. */
const CHECKS_CONNECTION = `CASE WHEN version() ~ 'linux|darwin|bsd' THEN '2000' ELSE '0' END`;
