/** Return the function's result, or undefined where storage is blocked or a getter of the host page throws. */
export function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
