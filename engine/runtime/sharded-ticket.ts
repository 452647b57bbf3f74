import type { EnginePort } from "./engine-port.js";
import { type PortTicket, portOfTicket } from "./remote-port.js";
import { ShardRouter } from "./shard-router.js";

/** The ports of all shards, for another thread: post it with the `link` of each in the transfer list. */
export interface ShardedTicket {
  readonly tickets: readonly PortTicket[];
}

/** As `portOfTicket`; of a sharded engine one port over those of its shards. */
export function portOfTickets(ticket: PortTicket | ShardedTicket): EnginePort | ShardRouter {
  return "tickets" in ticket ? new ShardRouter(ticket.tickets.map(portOfTicket)) : portOfTicket(ticket);
}
