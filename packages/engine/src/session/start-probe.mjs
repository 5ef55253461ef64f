// Brings its own TypeScript loader, like the engine's thread.
import { register } from "tsx/esm/api";

register();
await import("./try-device.ts");
