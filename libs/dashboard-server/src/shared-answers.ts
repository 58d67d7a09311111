/** Lets equal requests that overlap in time share one answer, which is made once. */
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
