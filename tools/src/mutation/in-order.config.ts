// Settings of vitest for one mutant: it runs the specs of TA_SPECS (paths, as JSON) in that order and appends a line to the
// file TA_TOLD for each spec that ended and for each test that failed. `--root` names the clone.
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import type { TestCase, TestModule, TestSpecification } from 'vitest/node';

const order = JSON.parse(process.env['TA_SPECS'] ?? '[]') as string[];

/** Runs the specs in the order of TA_SPECS, since Vitest itself runs the longest first. */
class InOrder {
  private readonly root: string;

  constructor({ config }: { readonly config: { readonly root: string } }) {
    this.root = config.root;
  }

  shard(specs: TestSpecification[]): TestSpecification[] {
    return specs;
  }

  sort(specs: TestSpecification[]): TestSpecification[] {
    const place = ({ moduleId }: TestSpecification) => order.indexOf(path.relative(this.root, moduleId));
    return specs.toSorted((a, b) => place(a) - place(b));
  }
}

const tell = (state: string, { moduleId }: TestModule) => {
  const spec = order.find((file) => moduleId.endsWith(`/${file}`));
  appendFileSync(process.env['TA_TOLD'] as string, `${state} ${spec}\n`);
};

const teller = {
  onTestCaseResult: (test: TestCase) => {
    if (test.result().state === 'failed') tell('failed', test.module);
  },
  onTestModuleEnd: (ended: TestModule) => tell(ended.state(), ended),
};

export default defineConfig({
  test: {
    projects: ['libs/*', 'apps/*', 'tools'],
    maxWorkers: 1,
    sequence: { sequencer: InOrder },
    reporters: [teller],
  },
});
