export { ApiError, type ApiErrorCode } from "./errors.ts";
export { findServer, openStore, type RunStore } from "./store.ts";
