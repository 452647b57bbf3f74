import { BoundedQueue } from "../../engine/edge/bounded-queue.js";
import { ClientError } from "./client-error.js";

/** A stream of the client: a reader that is more than `countMax` records behind gets BUFFER_OVERFLOW. */
export function clientQueue<T>(countMax: number, onEnd: () => void): BoundedQueue<T> {
  return new BoundedQueue(countMax, tooSlow, onEnd);
}

function tooSlow(countMax: number): Error {
  return new ClientError("BUFFER_OVERFLOW", `the reader was more than ${countMax} records behind`);
}
