// node tools/bin/step.mjs <name> <command> [arguments]
// Runs a command that may print nothing for long: prints its name at the start, and at least every 3 s that it goes on.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const [name, command, ...args] = process.argv.slice(2);
const startedMs = performance.now();
const say = (text) => process.stderr.write(`${name}: ${text}\n`);
const child = spawn(command, args, { stdio: 'inherit' });
say(`${command} ${args.join(' ')}`);
const pulse = setInterval(() => say(`${Math.round((performance.now() - startedMs) / 1000)} s`), 2_500);
child.on('error', (error) => {
  say(error.message);
  process.exit(127);
});
// Ctrl-C goes to the command as well, which decides how it ends
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('close', (status, signal) => {
  clearInterval(pulse);
  process.exit(status ?? 128 + constants.signals[signal]);
});
