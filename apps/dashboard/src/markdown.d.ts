/** A file of the documentation as text; Vite puts it into the page. */
declare module '*.md?raw' {
  const text: string;
  export default text;
}
