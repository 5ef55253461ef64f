// A worker thread does not inherit the parent's TypeScript loader; it registers its own before it loads the engine.
import { register } from "tsx/esm/api";

register();
await import("./thread.ts");
