/** Exit codes of every command (docs/operations.md#exit-codes). */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  locked: 3,
  unusable: 4,
  interrupted: 130,
  terminated: 143,
} as const;

/** One line per exit code, printed in the help of every command. */
export const EXIT_CODE_HELP = [
  'Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 another refresh holds the lock',
  '            4 database or configuration unusable, 130/143 interrupted',
].join('\n');
