import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { queryApi, type JsonOf, type Report } from "../requests/client";
import { isRefused, unwrap } from "../requests/errors";
import type { components, paths } from "../query.gen";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

export type EventImport = Report<"imports/">["items"][number];
export type ImportMapping = components["schemas"]["ImportMapping"];
export type ImportPreview = JsonOf<paths["/api/v1/analytics/{project_id}/imports/preview"]["post"]>;
export type ImportFormat = EventImport["format"];
export type ImportPreset = NonNullable<components["schemas"]["ImportPreviewRequest"]["preset"]>;

const PATH = "/api/v1/analytics/{project_id}/imports/";
const ONE = `${PATH}{import_id}` as const;
const PAGE_SIZE = 20;
const FIRST_PAGE = null as string | null;
const REFRESH_MS = 2_000;
const HEAD_BYTES = 150_000;
const TRIES = 3;
const AGAIN_MS = 1_000;
const ENDED = ["finished", "failed", "cancelled"];

/** Whether an import does not change any more. */
export function hasEnded({ state }: Pick<EventImport, "state">): boolean {
  return ENDED.includes(state);
}

/** The imports of a project, latest first; fetched again while a worker is to do something about one of them. */
export function useImports(projectId: number) {
  return useInfiniteQuery({
    queryKey: queryKeys.imports(projectId, "list"),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(queryApi.GET(PATH, { params: { path: { project_id: projectId }, query }, signal }));
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((one) => !hasEnded(one) && one.state !== "uploading")) ? REFRESH_MS : false,
  });
}

/** What became of the rows of an import, by day and event; `rows`: how many there are by now. */
export function useImportCounts(projectId: number, importId: number, rows: number) {
  return useQuery({
    queryKey: queryKeys.imports(projectId, "counts", importId, rows),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => unwrap(queryApi.GET(`${ONE}/counts`, { params: { path: { project_id: projectId, import_id: importId } }, signal })),
  });
}

/** The format that the name of a file says; CSV if it says none. */
export function formatOf(name: string): ImportFormat {
  return /\.(jsonl|ndjson|json)$/i.test(name) ? "jsonl" : "csv";
}

/** How the columns of a file are read: as the server suggests, as another system writes them, or as somebody has chosen. */
export type Reading = { preset: ImportPreset | null; mapping: ImportMapping | null };

/** What would become of the first rows of a file; null: no file is chosen. */
export function useImportPreview(projectId: number, file: File | null, reading: Reading) {
  return useQuery({
    queryKey: queryKeys.imports(projectId, "preview", file?.name, file?.size, file?.lastModified, reading),
    enabled: file !== null,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      if (file === null) throw new Error();
      const body = { format: formatOf(file.name), head: await headOf(file), rows: 20, ...reading };
      return unwrap(queryApi.POST(`${PATH}preview`, { params: { path: { project_id: projectId } }, body, signal }));
    },
  });
}

/** The beginning of a file, without a row that is cut. */
async function headOf(file: File): Promise<string> {
  const text = await file.slice(0, HEAD_BYTES).text();
  return file.size <= HEAD_BYTES ? text : text.slice(0, text.lastIndexOf("\n") + 1);
}

interface Upload {
  file: File;
  mapping: ImportMapping;
  /** Called with the share of the file that is sent. */
  onSent: (share: number) => void;
}

interface Begun extends Upload {
  made: EventImport;
  /** The next part to be sent. */
  part: number;
}

/** Send a file part by part, and start its import. After a failure, the same file with the same mapping goes on where it stopped. */
export function useUpload(projectId: number) {
  const begun = useRef<Begun | null>(null);
  return useApiMutation(
    async (upload: Upload) => {
      const project = { project_id: projectId };
      const { file, mapping, onSent } = upload;
      let before = begun.current;
      if (before?.file !== file || before.mapping !== mapping) {
        const body = { name: file.name, format: formatOf(file.name), size: file.size, mapping };
        const made = await unwrap(queryApi.POST(PATH, { params: { path: project }, body }));
        before = { ...upload, made, part: 0 };
      }
      begun.current = before;
      const { made } = before;
      const path = { ...project, import_id: made.id };
      try {
        for (; before.part < made.parts; before.part += 1) {
          await sendPart(file, path, before.part, made.part_bytes);
          onSent((before.part + 1) / made.parts);
        }
        const started = await unwrap(queryApi.POST(`${ONE}/start`, { params: { path } }));
        begun.current = null;
        return started;
      } catch (error) {
        // It was cancelled, or is not what the server expects: the next attempt begins anew.
        if (isRefused(error)) begun.current = null;
        throw error;
      }
    },
    { invalidates: [queryKeys.imports(projectId)] },
  );
}

async function sendPart(file: File, path: { project_id: number; import_id: number }, part: number, bytes: number) {
  const content = await file.slice(part * bytes, (part + 1) * bytes).arrayBuffer();
  for (let attempt = 1; ; attempt += 1) {
    try {
      await unwrap(
        queryApi.PUT(`${ONE}/parts/{part}`, {
          params: { path: { ...path, part } },
          headers: { "Content-Type": "application/octet-stream" },
          body: "",
          bodySerializer: () => content,
        }),
      );
      return;
    } catch (error) {
      if (attempt === TRIES || isRefused(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS * attempt));
    }
  }
}

/** Stop an import. */
export function useCancelImport(projectId: number) {
  return useApiMutation(
    (importId: number) => unwrap(queryApi.POST(`${ONE}/cancel`, { params: { path: { project_id: projectId, import_id: importId } } })),
    { invalidates: [queryKeys.imports(projectId)] },
  );
}

/** Where the refused rows of an import are downloaded. */
export function refusedAddress(projectId: number, importId: number): string {
  return `/api/v1/analytics/${projectId}/imports/${importId}/refused`;
}
