interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** Parameters of a page; without `cursor`, of the first one. */
export interface PageQuery {
  limit: number;
  cursor?: string;
}

/** Fetch every page of a list. */
export async function allPages<Item>(limit: number, fetchPage: (query: PageQuery) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await fetchPage(cursor === null ? { limit } : { limit, cursor });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}
