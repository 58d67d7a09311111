import { defineProject } from 'vitest/config';

/** Test settings shared by every project: source imports, a zone far from UTC, long enough for a database. */
export function projectTests(name: string, root: string) {
  const conditions = ['@ta/source'];
  return defineProject({
    root,
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      environment: 'node',
      include: ['src/**/*.spec.ts', 'test/**/*.spec.ts'],
      env: { TZ: 'America/Los_Angeles' },
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  });
}
