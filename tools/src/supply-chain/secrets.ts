import { readFileSync } from 'node:fs';
import path from 'node:path';
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';

/** Files with more bytes are not scanned: nobody writes a secret into them. */
const LARGEST = 2_000_000;

/** Connection strings that are harmless: their hosts are made up or this machine. */
const NOWHERE =
  '/^[a-z+0-9]+:\\/\\/.*@(h|host|<host>|a|b|localhost|127\\.0\\.0\\.1|\\[::1\\]|[\\w.-]*example\\.(com|org|net))([:/?,].*)?$/i';

/** Tokens and keys in the given text: a line for each with its place and kind, but without the secret itself. */
export async function secretsIn(file: string, content: string): Promise<string[]> {
  const { messages } = await lintSource({
    source: { filePath: file, content, ext: path.extname(file), contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      maskSecrets: true,
      config: {
        rules: [
          {
            id: '@secretlint/secretlint-rule-preset-recommend',
            rule: creator,
            rules: [{ id: '@secretlint/secretlint-rule-database-connection-string', options: { allows: [NOWHERE] } }],
          },
        ],
      },
    },
  });
  return messages.map(
    ({ loc, ruleId }) => `${file}:${loc.start.line} ${ruleId.replace(/^@secretlint\/secretlint-rule-/, '')}`,
  );
}

/** Secrets in the text files of a folder. */
export async function scanFiles(root: string, files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const { mark } = performance;
  // secretlint marks the start and end of each rule and searches for each mark among all earlier ones: most of a scan's time
  performance.mark = () => undefined as never;
  try {
    for (const file of files) {
      const bytes = readFileSync(path.join(root, file));
      if (bytes.length > LARGEST || bytes.includes(0)) continue;
      found.push(...(await secretsIn(file, bytes.toString('utf8'))));
    }
  } finally {
    performance.mark = mark;
  }
  return found;
}
