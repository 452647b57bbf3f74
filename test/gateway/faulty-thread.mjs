/** The thread of a GatewayThread, in which something throws after a moment. */
await import("../../dist/gateway/gateway-worker.js");
setTimeout(() => {
  throw new Error("a mistake of this thread");
}, 300);
