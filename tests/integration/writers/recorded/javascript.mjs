// Writes what the DocumentClient stores, as javascript.json:
//
//     npm install @aws-sdk/util-dynamodb @aws-sdk/lib-dynamodb
//     node javascript.mjs > javascript.json
//
// Made with 3.996 and 3.1169 on Node.js 20. `marshall` is what the client's translation calls.

import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

const at = new Date(1706745599250);
const reading = {
  id: "a",
  at: at.getTime(),
  seen: at.toISOString(),
  expires: Math.floor(at.getTime() / 1000),
  count: 3,
  ratio: 0.1 + 0.2,
  tiny: 1e-7,
  zero: -0,
  large: 2n ** 100n,
  price: NumberValue.from("12.50"),
  paid: true,
  data: new Uint8Array([0, 255]),
  tags: new Set(["b", "a"]),
  sizes: new Set([2.5, 1, 3n]),
  hashes: new Set([new Uint8Array([0]), new Uint8Array([1])]),
  names: ["b", "a", "a"],
  lines: [{ sku: "a", note: null }, { sku: "b", note: undefined }],
  settings: JSON.stringify({ every: 30, scale: [0.1, null, "é"] }),
  free: { list: [1, "x", null, undefined, true], none: {}, empty: "" },
  nothing: null,
  absent: undefined,
};

// Bytes as they travel, in base64.
const travelling = (_, value) =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;

console.log(JSON.stringify(marshall(reading, { removeUndefinedValues: true }), travelling, 2));
