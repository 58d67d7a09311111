import type { Session } from '../connect/database.ts';

/** The connections in use and free for this role and database, by whichever limit of the server is reached first. */
export interface ConnectionSlots {
  /** Connections in use that count towards `max`, including this one. */
  readonly used: number;
  readonly max: number;
  /** Connections that can still be opened. */
  readonly free: number;
}

interface Limits {
  is_superuser: boolean;
  server_max: number;
  server_reserved: number;
  server_used: number;
  database_max: number;
  database_used: number;
  role_max: number;
  role_used: number;
}

// ordinary roles cannot see the backend_type of other roles, so background workers are recognised by having no user
const CLIENTS = `WITH client AS (SELECT datid, usesysid FROM pg_stat_activity
  WHERE usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend')`;

/** Counts the connections of the server. Null on PGlite, which has one. */
export async function readConnectionSlots(session: Session): Promise<ConnectionSlots | null> {
  if (session.engine === 'pglite') return null;
  const [limits] = await session.query<Limits>(
    `${CLIENTS}
     SELECT r.rolsuper AS is_superuser, current_setting('max_connections')::int AS server_max,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) AS server_reserved,
       (SELECT count(*)::int FROM client) AS server_used,
       d.datconnlimit AS database_max, (SELECT count(*)::int FROM client WHERE datid = d.oid) AS database_used,
       r.rolconnlimit AS role_max, (SELECT count(*)::int FROM client WHERE usesysid = r.oid) AS role_used
     FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = session_user`,
  );
  return tightest(limits);
}

function tightest(limits: Limits): ConnectionSlots {
  const { server_max: max, server_used: used, is_superuser: isSuperuser } = limits;
  const slots = [{ used, max, free: max - used - (isSuperuser ? 0 : limits.server_reserved) }];
  if (!isSuperuser) {
    // -1 is no limit
    if (limits.database_max >= 0) slots.push(slotsOf(limits.database_used, limits.database_max));
    if (limits.role_max >= 0) slots.push(slotsOf(limits.role_used, limits.role_max));
  }
  const least = slots.reduce((so, next) => (next.free < so.free ? next : so));
  return { ...least, free: Math.max(0, least.free) };
}

function slotsOf(used: number, max: number): ConnectionSlots {
  return { used, max, free: max - used };
}
