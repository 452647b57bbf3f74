import type { ReportSection, StateReport } from "../../engine/edge/index.js";

/** The columns of every section, in the order of its rows' keys. */
export const REPORT_COLUMNS: { readonly [Section in ReportSection]: readonly (keyof Required<StateReport[Section][number]>)[] } = {
  proof: ["currency", "scale", "deposits", "withdrawals", "balances", "fees", "openCost", "difference", "isBalanced", "isClamped"],
  accounts: ["account", "mode", "state", "kyc", "riskLevel", "isKilled", "openOrders"],
  balances: ["account", "currency", "total", "held", "free"],
  positions: ["account", "symbol", "kind", "qty", "cost", "realised", "unrealised"],
  holds: ["account", "currency", "held", "symbol", "clOrdId", "orderId", "ref"],
  fees: ["currency", "fees"],
  openInterest: ["symbol", "qty", "currency", "mark", "notional"],
  exposure: [
    "account",
    "currency",
    "equity",
    "initialMargin",
    "maintenanceMargin",
    "exposure",
    "openBuys",
    "openSells",
    "dailyNotional",
    "dailyPnl",
  ],
  limits: ["scope", "account", "symbol", "currency", "limit", "value", "used", "percent"],
  reviews: ["ref", "cmd", "account", "to", "currency", "amount", "sinceUs"],
};

export const REPORT_SECTIONS = Object.keys(REPORT_COLUMNS) as readonly ReportSection[];
