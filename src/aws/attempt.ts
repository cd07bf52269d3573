/** What a construct knows; undefined where it throws, as imported ones do for what they were not told. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
