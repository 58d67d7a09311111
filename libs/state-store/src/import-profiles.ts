import type { Session } from './connect/database.ts';
import { importProfiles } from './schema/source.ts';
import { eq } from 'drizzle-orm';

/** A named description of how to read files of an unknown format. */
export interface ImportProfile {
  readonly profile: string;
  /** The meaning of each column, by its name in the file. */
  readonly columns: Readonly<Record<string, string>>;
  readonly dateOrder: 'ymd' | 'dmy' | 'mdy' | null;
  readonly decimalSign: '.' | ',' | null;
}

const { profile, columns, dateOrder, decimalSign } = importProfiles;
const COLUMNS = { profile, columns, dateOrder, decimalSign };

/** All profiles, by name. */
export async function readImportProfiles(session: Session): Promise<ImportProfile[]> {
  return session.orm.select(COLUMNS).from(importProfiles).orderBy(profile);
}

/** Saves a profile, replacing an older one with the same name. */
export async function saveImportProfile(session: Session, kept: ImportProfile): Promise<void> {
  const values = { ...kept, columns: { ...kept.columns }, updatedAt: new Date() };
  await session.orm.insert(importProfiles).values(values).onConflictDoUpdate({ target: profile, set: values });
}

/** Removes a profile. @returns whether it existed */
export async function removeImportProfile(session: Session, name: string): Promise<boolean> {
  const removed = await session.orm.delete(importProfiles).where(eq(profile, name)).returning({ profile });
  return removed.length > 0;
}
