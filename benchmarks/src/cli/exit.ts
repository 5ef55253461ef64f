/** Ends the process with the message of a failure and exit code 1. */
export const orExit = (work: Promise<void>): Promise<void> =>
  work.catch((error: Error) => {
    process.stderr.write(`${process.env.DEBUG ? error.stack : error.message}\n`);
    process.exit(1);
  });
