import { Cancel, Header, NewOrder, Reduce } from "../../engine/wire/flyweights.js";
import { type RecordedFlow, recordFlow } from "../book/core-flow.js";
import type { Flow } from "../flows/flow.js";
import { CLOCK_US, type MarketRules, setUpCount } from "../flows/set-up-records.js";

/** A market that the flow is played in, and what its fees come to of the notional, both sides together. */
export interface Market {
  readonly name: string;
  readonly rules: MarketRules;
  readonly feePpm: number;
  readonly target?: string;
}

const TRADERS = 64;
const MAKER_PPM = 100;
const TAKER_PPM = 500;
const FEES = { makerFeePpm: MAKER_PPM, takerFeePpm: TAKER_PPM };
/** Far above what the flow uses, and far below what there is not. */
const LARGE = "1000000000";
const LIMITS = {
  ...{ maxOrderQty: LARGE, maxOrderNotional: LARGE, maxOpenNotional: LARGE, maxPosition: LARGE, maxExposure: LARGE },
  ...{ maxDailyNotional: LARGE, maxDailyLoss: LARGE, maxOpenOrders: 1_000_000 },
};

const cash = (limits: MarketRules["trader"]): MarketRules => ({
  ...FEES,
  traders: TRADERS,
  trader: { mode: "cash", ...limits },
  deposit: "1000000000",
});

export const RISK_MARKETS: readonly Market[] = [
  { name: "one unchecked account", rules: {}, feePpm: 0 },
  { name: `${TRADERS} unchecked accounts`, rules: { traders: TRADERS }, feePpm: 0 },
  {
    name: `${TRADERS} cash accounts, fees, no limits`,
    rules: cash({ limits: "unlimited" }),
    feePpm: MAKER_PPM + TAKER_PPM,
    target: "≥ 0.6, reach for 0.8 (P4)",
  },
  {
    name: `${TRADERS} cash accounts, fees, all limits and a collar`,
    rules: { ...cash({ limits: { ...LIMITS, maxOrders: "unlimited", maxDuplicates: "unlimited" } }), collarBps: 1_000_000 },
    feePpm: MAKER_PPM + TAKER_PPM,
    target: "≥ 0.6, reach for 0.8 (P4)",
  },
  {
    name: `${TRADERS} cash accounts, fees, all limits, order rate and duplicates`,
    rules: { ...cash({ limits: { ...LIMITS, maxOrders: 1_000_000, maxDuplicates: 1000, windowUs: 50 } }), collarBps: 1_000_000 },
    feePpm: MAKER_PPM + TAKER_PPM,
    target: "≥ 0.6 (P4)",
  },
];

/** The flow as records of the market's accounts: an order's owner follows from its id. Each command comes a microsecond after the one before. */
export function recordFor({ rules }: Market, flow: Flow): RecordedFlow {
  const recorded = recordFlow(flow, "gtc", setUpCount(rules));
  const { words, offsets } = recorded;
  const traders = rules.traders ?? 1;
  for (const [index, at] of offsets.entries()) {
    const record = recordOf(Header.templateId(words, at));
    record.setAccount(words, at, record.clOrdId(words, at) % traders);
    Header.setTime(words, at, CLOCK_US + index);
  }
  return recorded;
}

function recordOf(templateId: number): typeof NewOrder | typeof Cancel | typeof Reduce {
  if (templateId === Cancel.TEMPLATE_ID) return Cancel;
  return templateId === Reduce.TEMPLATE_ID ? Reduce : NewOrder;
}
