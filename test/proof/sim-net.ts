import type { Connection, Listener, ListenOptions, SendResult, Transport, TransportHandlers } from "../../gateway/transport/transport.js";
import type { Random } from "../fuzz/random.js";

/** What a client hears of its socket. */
export interface SocketEvents {
  onMessage(bytes: Uint8Array): void;
  onClose(code: number): void;
}

/** A client's end. */
export interface SimSocket {
  send(bytes: Uint8Array): void;
  /** The connection is lost, without a word: what was on its way arrives in part, or not at all. */
  lose(): void;
}

/** One way of a connection: what is on its way, in order. A number is the close. */
type Way = (Uint8Array | number)[];

interface Link {
  readonly up: Way;
  readonly down: Way;
  takeUp(what: Uint8Array | number): void;
  takeDown(what: Uint8Array | number): void;
}

/** Sockets whose messages arrive when the simulation says, each connection's in order. One process long. */
export class SimNet implements Transport {
  readonly name = "simulated";
  private links: Link[] = [];
  private dial: ((events: SocketEvents) => SimSocket) | undefined;

  constructor(private readonly random: Random) {}

  async listen<Peer>(options: ListenOptions, handlers: TransportHandlers<Peer>): Promise<Listener> {
    this.dial = (events) => this.open(options, handlers, events);
    return {
      port: 1,
      close: async () => {
        this.dial = undefined;
      },
    };
  }

  /** Undefined: nobody listens. */
  connect(events: SocketEvents): SimSocket | undefined {
    return this.dial?.(events);
  }

  /** Lets one message of some connection arrive. False: none is on its way. */
  deliver(): boolean {
    const ready: (() => void)[] = [];
    for (const link of this.links) {
      if (link.up.length > 0) ready.push(() => link.takeUp(link.up.shift() as Uint8Array | number));
      if (link.down.length > 0) ready.push(() => link.takeDown(link.down.shift() as Uint8Array | number));
    }
    if (ready.length === 0) return false;
    this.random.pick(ready)();
    return true;
  }

  /** The server's process is gone: some of what it had sent still arrives. */
  end(): void {
    this.dial = undefined;
    for (const link of this.links.splice(0)) {
      const arriving = link.down.splice(0, this.random.below(link.down.length + 1));
      for (const what of arriving) link.takeDown(what);
    }
  }

  private open<Peer>(options: ListenOptions, handlers: TransportHandlers<Peer>, events: SocketEvents): SimSocket {
    const link: { -readonly [key in keyof Link]: Link[key] } = { up: [], down: [], takeUp: () => {}, takeDown: () => {} };
    let isClosedHere = false;
    let isClosedThere = false;
    const drop = (): void => {
      if (isClosedHere && isClosedThere && link.up.length === 0) this.links = this.links.filter((other) => other !== link);
    };
    const closed = (code: number): void => {
      setImmediate(() => {
        handlers.onClose(peer, code);
        drop();
      });
    };
    const connection: Connection = {
      remoteAddress: "simulated",
      subprotocol: "ringbook.sbe.v1",
      get bufferedBytes() {
        return link.down.reduce<number>((sum, what) => sum + (typeof what === "number" ? 0 : what.length), 0);
      },
      send(bytes): SendResult {
        if (isClosedHere) return "full";
        if (connection.bufferedBytes + bytes.length > options.maxBackpressureBytes) {
          connection.close(4008, "SLOW_CONSUMER");
          return "full";
        }
        if (!isClosedThere) link.down.push(bytes.slice());
        return "sent";
      },
      cork: (work) => work(),
      close(code) {
        if (isClosedHere) return;
        isClosedHere = true;
        if (!isClosedThere) link.down.push(code);
        link.up.length = 0;
        closed(code);
      },
    };
    const request = { path: "/", origin: "", authorization: "", remoteAddress: "simulated", subprotocol: "", offeredProtocols: [] };
    const peer = handlers.onOpen(connection, request);
    link.takeUp = (what) => {
      if (isClosedHere) return;
      if (typeof what !== "number") return handlers.onFrame(peer, what);
      isClosedHere = true;
      closed(what);
    };
    link.takeDown = (what) => {
      if (typeof what !== "number") return events.onMessage(what);
      isClosedThere = true;
      link.down.length = 0;
      events.onClose(what);
      drop();
    };
    this.links.push(link);
    return {
      send: (bytes) => {
        if (!isClosedThere && !isClosedHere) link.up.push(bytes);
      },
      lose: () => {
        if (isClosedThere) return;
        isClosedThere = true;
        link.down.length = 0;
        link.up.length = this.random.below(link.up.length + 1);
        if (!isClosedHere) link.up.push(1006);
        drop();
      },
    };
  }
}
