// The import rules of ARCHITECTURE section 4, with two rooms more: `flat` (trees, indexes) and `edge` (decimals and objects).
// Each room lists what it may import; everything else is an error.
const rooms = {
  "engine/ring": [],
  "engine/flat": [],
  "engine/table": ["engine/ring", "engine/flat"],
  "engine/wire": ["engine/ring"],
  "engine/core": ["engine/wire", "engine/step.ts", "engine/ring", "engine/flat"],
  "engine/pipelines/market-data": ["engine/wire", "engine/step.ts", "engine/ring", "engine/flat", "engine/table"],
  "engine/edge": ["engine/wire", "engine/step.ts", "engine/ring", "engine/flat", "engine/core"],
  "engine/journal": ["engine/wire", "engine/step.ts", "engine/ring"],
  "engine/runtime": ["engine"],
  "gateway/client": ["engine/wire", "engine/ring", "engine/edge", "gateway/codec"],
  "gateway/codec": ["engine/wire"],
  "gateway/admin": ["engine/wire", "engine/index.ts"],
  "gateway/transport": ["engine/wire", "gateway/gateway-error.ts", "gateway/close-codes.ts"],
};
const pure = "^engine/(ring|flat|table|wire|core|pipelines|step\\.ts)";
const quoted = (path) => path.replaceAll(".", "\\.");
const within = (path) => `^${quoted(path)}${path.endsWith(".ts") ? "$" : "/"}`;

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room.replaceAll("/", "-")}`,
  comment: `${room} may import ${allowed.length === 0 ? "nothing" : allowed.join(", ")} and itself`,
  severity: "error",
  from: { path: within(room) },
  to: { path: "^(engine|gateway|cli|bench|test|examples|scripts)/", pathNot: [room, ...allowed].map(within) },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: "step-knows-ring-and-wire-only",
      severity: "error",
      from: { path: "^engine/step\\.ts$" },
      to: { path: "^(engine|gateway|cli|bench|test)/", pathNot: ["^engine/wire/", "^engine/ring/"] },
    },
    {
      name: "pure-rooms-need-no-node",
      comment: "No clock, no I/O: pure rooms run in a browser and replay to the same bits",
      severity: "error",
      from: { path: pure },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "pure-rooms-need-no-packages",
      comment: "Only step.ts uses one: SHA-256 of @noble/hashes, which is pure itself",
      severity: "error",
      from: { path: pure, pathNot: "^engine/step\\.ts$" },
      to: { path: "node_modules" },
    },
    {
      name: "browser-doors-need-no-node",
      severity: "error",
      from: { path: "^(engine/edge|gateway/client|gateway/codec)/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "gateway-uses-the-doors",
      comment:
        "The gateway reads rings and records itself, and keeps what it must in flat structures; the rest of the engine it reaches through engine/index.ts",
      severity: "error",
      from: { path: "^gateway/" },
      to: { path: "^engine/", pathNot: ["^engine/(flat|ring|table|wire|edge)/", "^engine/index\\.ts$"] },
    },
    {
      name: "cli-uses-public-doors",
      severity: "error",
      from: { path: "^(cli|examples)/" },
      to: {
        path: "^(engine|gateway)/",
        pathNot: ["^engine/index\\.ts$", "^engine/(edge|ring|wire)/index\\.ts$", "^gateway/((client|admin)/)?index\\.ts$"],
      },
    },
    {
      name: "nobody-imports-bench-test-examples",
      severity: "error",
      from: { path: "^(engine|gateway|cli)/" },
      to: { path: "^(bench|test|examples|scripts)/" },
    },
    { name: "no-circles", severity: "error", from: { path: "^(engine|gateway|cli)/" }, to: { circular: true } },
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-dev-packages-in-the-product",
      severity: "error",
      from: { path: "^(engine|gateway|cli)/" },
      to: { dependencyTypes: ["npm-dev"], pathNot: ["uWebSockets", "@trufflesuite", "@types/"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    // Packages may name what they offer in their `exports` alone.
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
    exclude: { path: "^dist/" },
  },
};
