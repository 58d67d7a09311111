/** Makes an answer, unless an equal one is just being made: then both are that one. */
export function sharing<T>() {
  const making = new Map<string, Promise<T>>();
  return (request: string, make: () => Promise<T>): Promise<T> => {
    const found = making.get(request);
    if (found !== undefined) return found;
    const made = make().finally(() => making.delete(request));
    making.set(request, made);
    return made;
  };
}
