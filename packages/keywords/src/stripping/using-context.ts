interface Resource {
  readonly dispose: () => unknown;
  readonly awaited: boolean;
}

interface UsingContext {
  e: unknown;
  u<T>(value: T): T;
  a<T>(value: T): T;
  d(): unknown;
}

/**
 * What lowered `using` calls: `u` and `a` take a value in (`a` for `await using`), `e` is set to what the block threw,
 * `d` disposes in reverse order. Its text is put into the file as it is, so it uses nothing from outside.
 */
export function usingContext(): UsingContext {
  const nothing = {};
  const resources: Resource[] = [];
  const take = <T>(value: T, awaited: boolean): T => {
    if (value === null || value === undefined) {
      if (awaited) resources.push({ dispose: () => undefined, awaited });
      return value;
    }
    if (typeof value !== "object" && typeof value !== "function") {
      throw new TypeError(`Cannot use ${String(value)}: it is not an object`);
    }
    const disposable = value as { [Symbol.dispose]?: unknown; [Symbol.asyncDispose]?: unknown };
    const dispose = (awaited ? disposable[Symbol.asyncDispose] : undefined) ?? disposable[Symbol.dispose];
    if (typeof dispose !== "function") throw new TypeError("Cannot use an object that has no method to dispose of it");
    resources.push({ dispose: () => dispose.call(value) as unknown, awaited });
    return value;
  };
  const suppressed = (error: unknown, previous: unknown): unknown => {
    if (previous === nothing) return error;
    const host = globalThis as { SuppressedError?: new (error: unknown, suppressed: unknown) => Error };
    if (host.SuppressedError !== undefined) return new host.SuppressedError(error, previous);
    return Object.assign(new Error("An error was suppressed during disposal"), {
      name: "SuppressedError",
      error,
      suppressed: previous,
    });
  };
  return {
    e: nothing,
    u: (value) => take(value, false),
    a: (value) => take(value, true),
    d() {
      const finish = (): void => {
        if (this.e !== nothing) throw this.e;
      };
      const next = (): unknown => {
        for (let resource = resources.pop(); resource !== undefined; resource = resources.pop()) {
          try {
            const result = resource.dispose();
            if (resource.awaited) return Promise.resolve(result).then(next, failed);
          } catch (error) {
            this.e = suppressed(error, this.e);
          }
        }
        return finish();
      };
      const failed = (error: unknown): unknown => {
        this.e = suppressed(error, this.e);
        return next();
      };
      return next();
    },
  };
}
