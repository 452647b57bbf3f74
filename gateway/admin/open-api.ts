import type { SwaggerOptions } from "@fastify/swagger";

/** What the OpenAPI document says beside the operations. It is served as /openapi.json. */
export function openApi(version: string): SwaggerOptions {
  return {
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => String(json["$id"] ?? `schema-${index}`) },
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Ringbook admin",
        version,
        description:
          "Instruments, accounts, kill switches and the process of a Ringbook engine. Refusals are problems (RFC 9457) with the engine's code and reason.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      tags: [
        { name: "health", description: "Probes, metrics and the version, without a token." },
        { name: "trading", description: "The engine as a whole." },
        { name: "instruments", description: "What is traded." },
        { name: "accounts", description: "Who trades." },
        { name: "funding", description: "Currencies and what moves in and out of accounts." },
        { name: "operations", description: "Gateways, the end of the process, the audit trail." },
      ],
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
    },
  };
}
