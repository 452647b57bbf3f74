import { UsageError } from "../args/cli-error.js";

/** The URL of a gateway. Throws UsageError when it is none, or when it is not this machine and nobody has said that it may be another. */
export function gatewayUrl(text: string, mayBeRemote: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "ws:" && url.protocol !== "wss:"))
    throw new UsageError(`URL must be ws:// or wss://, was ${text}`);
  if (!mayBeRemote && !isLoopback(url.hostname))
    throw new UsageError(`${url.hostname} is not this machine`, "give --remote when its owner agrees to what this sends");
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(hostname);
}
