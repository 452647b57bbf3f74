#!/usr/bin/env node
import { main } from "./main.js";

// Whoever reads our output or our log may go away (`ringbook start | head`); that ends no market. Commands that only print look at it themselves.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

// The exit code is set rather than forced, so that everything that was written to a pipe still gets out.
process.exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
