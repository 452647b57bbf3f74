/**
 * The public door of the market-data pipeline: the Step that folds the core's events into books, candles and statistics. The book builder of a client is in
 * `ringbook/client`.
 */
export type { EventOutput, StateReader, StateWriter, Step } from "../../step.js";
export { BookChecksum, CHECKSUM_LEVELS } from "../../wire/book-checksum.js";
export { CANDLES_KEPT, INTERVALS_US } from "./candles.js";
export { MarketData } from "./market-data.js";
export { type BookCapacities, VisibleBooks } from "./visible-books.js";
export { WANT_ALL } from "./wanted.js";
