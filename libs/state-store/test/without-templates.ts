/**
 * Statements, one by one, that leave a database of tests without the two templates of new databases: nobody opens them, and they are
 * most of its files, and of the time that a copy takes.
 */
export const WITHOUT_TEMPLATES: readonly string[] = [
  `UPDATE pg_database SET datistemplate = false WHERE datname LIKE 'template_'`,
  'DROP DATABASE template0',
  'DROP DATABASE template1',
  'CHECKPOINT',
];
