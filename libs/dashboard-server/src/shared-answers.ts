/** Makes an answer, unless an equal one is just being made: then both are that one. */
export type Shared<T> = (request: string, make: () => Promise<T>) => Promise<T>;

/** Nothing being made. */
export function sharing<T>(): Shared<T> {
  const making = new Map<string, Promise<T>>();
  return (request, make) => {
    const found = making.get(request);
    if (found !== undefined) return found;
    const made = make().finally(() => making.delete(request));
    making.set(request, made);
    return made;
  };
}
