import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const clockAndRandomness = [
  { object: 'Date', property: 'now', message: 'The clock is a parameter.' },
  { object: 'Math', property: 'random', message: 'Randomness is a parameter.' },
];

export default tseslint.config(
  { ignores: ['**/dist', '**/bundle', '**/out-tsc', '**/node_modules', '.nx', '.data', '.demo'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mjs'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: [],
          // commands load the heavy libraries when they run, so that the help is quick
          checkDynamicDependenciesExceptions: ['.*'],
          depConstraints: [
            { sourceTag: 'type:core', onlyDependOnLibsWithTags: [], bannedExternalImports: ['*'] },
            { sourceTag: 'type:kit', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:adapter', onlyDependOnLibsWithTags: ['type:core'] },
            { sourceTag: 'type:feature', onlyDependOnLibsWithTags: ['type:core', 'type:adapter', 'type:feature'] },
            {
              sourceTag: 'type:app',
              onlyDependOnLibsWithTags: ['type:core', 'type:kit', 'type:adapter', 'type:feature'],
            },
            {
              sourceTag: 'type:tools',
              onlyDependOnLibsWithTags: ['type:core', 'type:kit', 'type:adapter', 'type:feature'],
            },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      // more than five belong together: they are an object with a name
      'max-params': ['error', 5],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-properties': [
        'error',
        { object: 'it', property: 'only' },
        { object: 'describe', property: 'only' },
      ],
    },
  },
  {
    // A core that reads the world is not a core: the boundary rule lets Node built-ins through, this does not.
    files: ['libs/bars-core/src/**/*.ts', 'libs/ema-core/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['node:*', '!./*', '!../*'], paths: ['fs', 'path', 'os'] }],
      'no-restricted-globals': [
        'error',
        'process',
        'console',
        'fetch',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'queueMicrotask',
        'performance',
      ],
      'no-restricted-properties': ['error', ...clockAndRandomness],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'The clock is a parameter.' },
      ],
    },
  },
  {
    // every program reads its command line the same way: libs/cli-kit/src/program.ts
    files: ['apps/**/*.ts', 'tools/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: ['yargs', 'yargs/helpers'] }] },
  },
  {
    // tests may use dev tools and the test settings of the root
    files: [
      '**/vitest.config.ts',
      'libs/*/src/**/*.spec.ts',
      'libs/*/test/**/*.ts',
      'libs/*/bench/**/*.ts',
      'apps/*/test/**/*.ts',
    ],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    // the cases of it.each are rows of a table
    files: ['**/*.spec.ts'],
    rules: { 'max-params': 'off' },
  },
);
