export { type Admin, openAdmin } from "./admin.ts";
export type { AuditEventRow, TokenRow } from "./admin-rows.ts";
export { ApiError, type ApiErrorCode } from "./errors.ts";
export { findOwnerKey, findServer, openStore, type RunStore } from "./store.ts";
