import { setupServer } from "msw/node";
import { analyticsHandlers } from "./analytics";
import { authHandlers } from "./auth";
import { liveHandlers } from "./live";
import { projectHandlers } from "./projects";

export * from "./analytics";
export * from "./auth";
export * from "./communities";
export * from "./errors";
export * from "./live";
export * from "./persons";
export * from "./projects";
export * from "./web";

/** A Tidemark that works: an owner is signed in, and has one project with events. */
export const server = setupServer(...authHandlers, ...projectHandlers, ...analyticsHandlers, ...liveHandlers);
