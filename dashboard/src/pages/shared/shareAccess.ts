/** Where the tab keeps what stands for the password of a link; the password itself is kept nowhere. */
const key = (token: string) => `share-access:${token}`;

/** What was stored for a link; empty: nothing. */
export function storedAccess(token: string): string {
  try {
    return sessionStorage.getItem(key(token)) ?? "";
  } catch {
    // Browsers that block storage of embedded pages throw; the password is asked for at every visit then.
    return "";
  }
}

export function storeAccess(token: string, access: string): void {
  try {
    sessionStorage.setItem(key(token), access);
  } catch {
    // As above.
  }
}
