import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const APPS = path.resolve(import.meta.dirname, '../..');

interface Manifest {
  readonly nx: { readonly targets: Readonly<Record<string, { readonly options: { readonly command: string } }>> };
}

describe('nx run', () => {
  // each command is in a file of its name
  const commands = ['cli', 'validator'].flatMap((app) =>
    readdirSync(path.join(APPS, app, 'src/commands'))
      .filter((file) => file !== 'index.ts')
      .map((file) => [app, path.parse(file).name] as const),
  );

  it.each(commands)('%s:%s runs that command', (app, command) => {
    const { targets } = (JSON.parse(readFileSync(path.join(APPS, app, 'package.json'), 'utf8')) as Manifest).nx;
    const program = app === 'cli' ? 'ta' : app;
    expect(targets[command]?.options).toEqual({
      command: `node apps/${app}/bin/${program}.js ${command}`,
      ...{ cwd: '{workspaceRoot}', forwardAllArgs: true },
    });
  });
});
