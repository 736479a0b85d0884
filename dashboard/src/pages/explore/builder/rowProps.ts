import type { InsightQuery } from "../query/insightQuery";

/** What the rows of a kind need. */
export interface KindRowsProps<Query extends InsightQuery> {
  projectId: number;
  query: Query;
  change: (query: InsightQuery) => void;
  properties: string[];
  /** What the server says of each field of the query. */
  errors: Record<string, string[]>;
}
