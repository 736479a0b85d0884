/** The address of a page without "https://", which says nothing beside the others and takes the place of what does. */
export function withoutScheme(address: string): string {
  return address.replace(/^https?:\/\//i, "");
}
