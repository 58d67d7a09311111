import type { Session } from '@ta/state-store';
import type { PostgresPlace } from './postgres-arena.ts';

/** A login of its own that may run a refresh and owns nothing. */
export interface Role {
  readonly name: string;
  /** URL of the place's database for this login. */
  readonly url: string;
}

/** Creates a role with the rights that a refresh needs. Roles belong to the server: drop it with {@link dropRole}. */
export async function createRole(place: PostgresPlace, name: string, limit = -1): Promise<Role> {
  await place.inspect(async (session) => {
    await session.run(`CREATE ROLE ${name} LOGIN PASSWORD 'resilience' CONNECTION LIMIT ${limit}`);
    for (const schema of ['public', 'ta_store']) {
      await session.run(`GRANT USAGE ON SCHEMA ${schema} TO ${name};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${name};
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${name}`);
    }
  });
  const url = new URL(place.url);
  url.username = name;
  url.password = 'resilience';
  return { name, url: url.href };
}

/** Removes a role of the server and what it was granted in the database of the session. */
export async function dropRole(session: Session, name: string): Promise<void> {
  await session.run(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
}
