/** The seed of this run of the tests, for whatever draws without fast-check; vitest.shared.ts draws and prints it. */
export declare function seedOfRun(): number;
//# sourceMappingURL=vitest.seed.d.ts.map
