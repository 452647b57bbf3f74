import type { Core } from "../edge/core.js";
import { WANT_ALL } from "../pipelines/market-data/wanted.js";
import { CommandDone, SetTime } from "../wire/flyweights.js";
import * as Header from "../wire/header.js";
import { bookSeed } from "./book-seed.js";
import { decodeMarketData, instrumentOf } from "./decode-market-data.js";
import type { MarketDataEvent } from "./market-data-events.js";
import { MarketDataFeed } from "./market-data-feed.js";

/**
 * The market data of a `Core`, on the same thread: what it tells of each command comes between the command's own events, directly behind the one that it
 * follows from. It starts from the core's books as they are, and trades are counted from then on.
 */
export class CoreMarketData {
  /** `onEvent` must not call back into the core, and must not throw. */
  constructor(core: Core, onEvent: (event: MarketDataEvent) => void) {
    const { trading, catalog, capacities } = core.follow((words, at) => {
      feed.follow(words, at, onRecord);
      // The events of a `time` command carry the time before it.
      const isTime =
        Header.templateId(words, at) === CommandDone.TEMPLATE_ID && CommandDone.refTemplateId(words, at) === SetTime.TEMPLATE_ID;
      if (isTime) feed.tellTime(trading.time, onRecord);
    });
    const feed = new MarketDataFeed(capacities, bookSeed(trading));
    for (let instrument = 0; instrument < capacities.instruments; instrument++) feed.step.want(instrument, WANT_ALL);
    const onRecord = (words: Int32Array, at: number): void => {
      const info = catalog.instrumentById(instrumentOf(words, at));
      if (info !== undefined) onEvent(decodeMarketData(words, at, info, feed.step.lastSeq));
    };
  }
}
