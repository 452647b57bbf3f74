import type { BookRow, SideName, StateName, StateReasonName } from "../edge/types.js";

/** What market data tells of a command, as `ringbook run --market-data` prints it; `seq` is the command's. Keys stand in the order shown. */
export type MarketDataEvent =
  | TopEvent
  | PrintEvent
  | LevelEvent
  | OrderAddedEvent
  | OrderChangedEvent
  | OrderRemovedEvent
  | CandleEvent
  | StatisticsEvent
  | MarketStateEvent;

export interface TopEvent {
  event: "top";
  seq: number;
  symbol: string;
  /** Price and quantity; not when the side is empty. */
  bid?: [price: string, qty: string];
  ask?: [price: string, qty: string];
}

export interface PrintEvent {
  event: "print";
  seq: number;
  symbol: string;
  tradeId: number;
  price: string;
  qty: string;
  aggressor?: SideName;
}

/** Quantity 0 and no orders: the level is gone. */
export interface LevelEvent {
  event: "level";
  seq: number;
  symbol: string;
  side: SideName;
  level: BookRow;
}

export interface OrderAddedEvent {
  event: "orderAdded";
  seq: number;
  symbol: string;
  orderId: string;
  side: SideName;
  price: string;
  qty: string;
}

export interface OrderChangedEvent {
  event: "orderChanged";
  seq: number;
  symbol: string;
  orderId: string;
  side: SideName;
  price: string;
  qty: string;
  /** By a trade. */
  traded?: true;
}

export interface OrderRemovedEvent {
  event: "orderRemoved";
  seq: number;
  symbol: string;
  orderId: string;
  side: SideName;
  price: string;
  traded?: true;
}

export interface CandleEvent {
  event: "candle";
  seq: number;
  symbol: string;
  intervalMs: number;
  /** Microseconds since the epoch. */
  openTime: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  trades: number;
  closed?: true;
}

export interface StatisticsEvent {
  event: "statistics";
  seq: number;
  symbol: string;
  /** Microseconds since the epoch. */
  since: number;
  open?: string;
  high?: string;
  low?: string;
  last?: string;
  vwap?: string;
  volume: string;
  trades: number;
}

export interface MarketStateEvent {
  event: "marketState";
  seq: number;
  symbol: string;
  state: StateName;
  reason?: StateReasonName;
  /** What an uncross would trade, or trades. */
  price?: string;
  qty?: string;
  final?: true;
}
