import { describeMaps } from "./msgpack-contract.js";
import { describeOverTransports } from "./transports.js";

describeOverTransports("the other encoding", describeMaps);
