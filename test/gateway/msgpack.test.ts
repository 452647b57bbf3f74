import { describeMaps } from "./msgpack-contract.js";

describeMaps("ws");
describeMaps("uws");
