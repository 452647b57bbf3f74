import { codeName, Header, LogonReject } from "../../engine/wire/index.js";
import { CliError } from "../args/cli-error.js";
import { factsOf, type InstrumentFacts } from "../net/record-session.js";
import { type Credentials, signedLogon } from "../net/signed-logon.js";
import { ConformanceSession } from "./conformance-session.js";
import { CheckFailure } from "./must.js";
import type { Protocol } from "./protocol.js";
import { instrumentList } from "./requests.js";

/** What a gateway trades. Throws CliError when it does not let the key in, or does not say. */
export async function instrumentsOf(url: URL, protocol: Protocol, credentials: Credentials): Promise<InstrumentFacts[]> {
  try {
    const session = await ConformanceSession.connect(url, protocol);
    try {
      return await ask(session, credentials);
    } finally {
      await session.drop();
    }
  } catch (error) {
    throw error instanceof CheckFailure ? new CliError(`${url.href}: ${error.message}`) : error;
  }
}

async function ask(session: ConformanceSession, credentials: Credentials): Promise<InstrumentFacts[]> {
  session.send(signedLogon(credentials));
  const answer = await session.any();
  if (answer?.name === "LogonReject")
    throw new CliError(`the gateway refuses key ${credentials.id}: ${codeName(LogonReject.code(answer.words, 0))}`);
  if (answer?.name !== "LogonAck") throw new CheckFailure(`LogonAck must come, ${answer?.name ?? "nothing"} came`);
  session.request(instrumentList());
  const found: InstrumentFacts[] = [];
  for (;;) {
    const record = await session.any();
    if (record?.name === "InstrumentState") continue;
    if (record?.name !== "InstrumentDefinition") throw new CheckFailure("the gateway does not tell its instruments");
    found.push(factsOf(record.words, 0));
    if ((record.flags & Header.FLAG_LAST_OF_BATCH) !== 0) return found;
  }
}
