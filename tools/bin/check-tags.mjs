// Every project carries exactly one type tag: the boundary rule lets an untagged project import anything.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const known = new Set(['type:core', 'type:kit', 'type:adapter', 'type:feature', 'type:app', 'type:tools']);
const files = ['libs', 'apps'].flatMap((folder) => packages(folder)).concat('tools/package.json');
const wrong = files.filter((file) => {
  const tags = JSON.parse(readFileSync(path.join(root, file), 'utf8')).nx?.tags ?? [];
  return tags.filter((tag) => known.has(tag)).length !== 1;
});
for (const file of wrong) console.error(`${file}: expected exactly one tag of ${[...known].join(', ')}`);
process.exitCode = wrong.length === 0 ? 0 : 1;

function packages(folder) {
  return readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}/package.json`);
}
