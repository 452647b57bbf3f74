#!/usr/bin/env node
import { main } from "./main.js";

// The exit code is set rather than forced, so that everything that was written to a pipe still gets out.
process.exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
