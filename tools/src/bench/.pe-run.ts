import { resultText } from './report.ts';
const bench = { note: (l: string) => console.error(l) } as never;
const [name, mode] = process.argv.slice(2);
const module = await import(`./scenarios/${name}.ts`) as Record<string, { run(b: never, m: string): Promise<never> }>;
console.log(resultText(await Object.values(module).find((v) => typeof v === 'object')!.run(bench, mode!)));
