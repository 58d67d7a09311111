import { CliError } from './cli-error.ts';

/**
 * The words (`id`) and flags (`--symbol`) of a command that belong to some of its actions only, with these actions. A flag must have no
 * default but `false`.
 */
export type OwnedWords = Readonly<Record<string, readonly string[]>>;

/**
 * Refuses a word or a flag that was given to another action of the command, which would ignore it.
 *
 * @param command as typed, such as `ta assets`
 * @param flags the words and flags as the handler gets them
 * @throws CliError `CLI_CONFLICT`
 */
export function assertOwnedWords(
  command: string,
  action: string,
  flags: Readonly<Record<string, unknown>>,
  owned: OwnedWords,
): void {
  for (const [name, actions] of Object.entries(owned)) {
    const value = flags[name.replace(/^--/, '')];
    if (value === undefined || value === false || actions.includes(action)) continue;
    const isFlag = name.startsWith('--');
    const message = isFlag
      ? `${name} does not belong to ${command} ${action}`
      : `${command} ${action} takes no ${name}, got ${JSON.stringify(value)}`;
    const hint = `${isFlag ? 'It' : 'That'} belongs to: ${actions.map((one) => `${command} ${one}`).join(', ')}`;
    throw new CliError('CLI_CONFLICT', message, { hint });
  }
}
