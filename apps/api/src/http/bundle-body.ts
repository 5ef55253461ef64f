import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from "express";
import { ApiError } from "../errors.ts";
import { BUNDLE_MEDIA } from "../exports/index.ts";
import { refuseLarge } from "./guards.ts";

/** Reads a bundle into the request's body, or says why not. @param most bytes, of a packed body once it is unpacked */
export const bundleBody = (most: number): (RequestHandler | ErrorRequestHandler)[] => [
  refuseOtherTypes,
  refuseLarge("bundle", most),
  // What does not say how large it is, is counted while it is read.
  express.raw({ type: BUNDLE_MEDIA, limit: most }),
  explainBody(most),
];

const refuseOtherTypes = (request: Request, _response: Response, next: () => void) => {
  if (!request.is(BUNDLE_MEDIA))
    throw new ApiError(
      "BAD_REQUEST",
      `import: content type ${request.get("content-type") ?? "(none)"} (expected: ${BUNDLE_MEDIA}, the bundle as the body)`,
    );
  next();
};

const explainBody =
  (most: number): ErrorRequestHandler =>
  (error, _request, _response, next) => {
    if (error instanceof ApiError) return next(error);
    const { type, status, message } = error as { type?: string; status?: number; message: string };
    if (type === "entity.too.large")
      return next(new ApiError("PAYLOAD_TOO_LARGE", `bundle: larger than ${most} bytes`));
    if (status !== undefined && status < 500)
      return next(new ApiError("BAD_REQUEST", `import: the body cannot be read (${message})`));
    next(error);
  };
