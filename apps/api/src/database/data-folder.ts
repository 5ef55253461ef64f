import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApiError, errnoOf } from "../errors.ts";

/** A new embedded database takes about 45 MB, and its log grows by 16 MB at a time. */
const NEEDED_BYTES = 128 * 2 ** 20;
const FULL_BYTES = 24 * 2 ** 20;

/** Makes the data folder and proves that it can be written. @throws ApiError FOLDER_NOT_WRITABLE, DISK_FULL */
export async function prepareDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const probe = path.join(folder, `probe-${process.pid}`);
    await writeFile(probe, "probe");
    await rm(probe);
  } catch (error) {
    throw explainWrite(folder, error);
  }
  const free = await freeBytes(folder);
  if (free < NEEDED_BYTES) throw diskFull(folder, free);
}

/** The same failure as one the user can act on, where the disk is the reason; otherwise as it came. */
export async function explainFailure(folder: string, error: unknown): Promise<unknown> {
  if (error instanceof ApiError) return error;
  const free = await freeBytes(folder).catch(() => Number.POSITIVE_INFINITY);
  return free < FULL_BYTES || errnoOf(error) === "ENOSPC" ? diskFull(folder, free, error) : error;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const diskFull = (folder: string, free: number, cause?: unknown) =>
  new ApiError(
    "DISK_FULL",
    `data folder ${folder}: ${Math.floor(free / 2 ** 20)} MB free, ${NEEDED_BYTES / 2 ** 20} MB needed: make room, or choose a folder on another disk with RECALLSCOPE_DATA`,
    {},
    { cause },
  );

function explainWrite(folder: string, error: unknown): unknown {
  switch (errnoOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return diskFull(folder, 0, error);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new ApiError(
        "FOLDER_NOT_WRITABLE",
        `data folder ${folder}: this user may not write there: change its owner, or choose another folder with RECALLSCOPE_DATA`,
        {},
        { cause: error },
      );
    case "ENOTDIR":
    case "EEXIST":
      return new ApiError(
        "FOLDER_NOT_WRITABLE",
        `data folder ${folder}: a file is in the way: choose another folder with RECALLSCOPE_DATA`,
        {},
        { cause: error },
      );
    default:
      return error;
  }
}
