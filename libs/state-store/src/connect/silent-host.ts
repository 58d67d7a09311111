import type { Session } from './database.ts';

/** How long a host may be silent before the server ends its session, milliseconds. */
const SILENT_HOST_MS = 10_000;

/**
 * Sets keepalives so that the server ends this session, with its locks and its transaction, soon after the client's host has
 * vanished. After a power cut or a network failure the host sends nothing any more, and without keepalives the server notices
 * that only after hours. If only the process dies, the server notices it immediately in any case.
 */
export async function endWhenSilent(session: Session): Promise<void> {
  if (session.engine !== 'postgres') return;
  await session.query(
    `SELECT set_config('tcp_keepalives_idle', '4', false), set_config('tcp_keepalives_interval', '2', false),
       set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '${SILENT_HOST_MS}', false),
       set_config('client_connection_check_interval', ${CHECKS_CONNECTION} , false)`,
  );
}

/** Only some operating systems can detect that a connection ended while a statement is running. */
const CHECKS_CONNECTION = `CASE WHEN version() ~ 'linux|darwin|bsd' THEN '2000' ELSE '0' END`;
