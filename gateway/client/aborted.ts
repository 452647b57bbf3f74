import { ClientError } from "./client-error.js";

/** Throws ABORTED when the signal is aborted. */
export function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal);
}

/** The promise, or a rejection with ABORTED as soon as the signal is aborted. Its listener goes as soon as either has come. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(aborted(signal));
    const settled = (): void => signal.removeEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(settled);
  });
}

/** The error that an aborted signal means. Its cause is the signal's reason. */
export function aborted(signal: AbortSignal): ClientError {
  return new ClientError("ABORTED", "the signal was aborted", { cause: signal.reason });
}
