// Evaluates expressions over the entities of this folder: a line of JSON for each, and one for its answer.
//
// The tables lie at DYNAMODB_ENDPOINT, and their names begin with TABLE_PREFIX.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createInterface } from "node:readline";
import { electrodb } from "./electrodb.mjs";
import { onetable } from "./onetable.mjs";
import { toolbox } from "./toolbox.mjs";

const client = new DynamoDBClient({
  endpoint: process.env.DYNAMODB_ENDPOINT,
  region: "eu-west-1",
  credentials: { accessKeyId: "x", secretAccessKey: "x" },
});
const documents = DynamoDBDocumentClient.from(client);
const prefix = process.env.TABLE_PREFIX;
const scopes = {
  electrodb: electrodb(documents, `${prefix}electrodb`, `${prefix}scores`),
  onetable: onetable(client, `${prefix}onetable`),
  toolbox: toolbox(documents, `${prefix}toolbox`),
};

const Expression = (async () => {}).constructor;

async function evaluated({ library, source, given }) {
  const scope = { ...scopes[library], given };
  const run = new Expression(...Object.keys(scope), `return (${source});`);
  return run(...Object.values(scope));
}

const plain = (_, value) => (value instanceof Set ? [...value].sort() : value);

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { value: (await evaluated(JSON.parse(line))) ?? null };
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}` };
  }
  console.log(JSON.stringify(answer, plain));
}
process.exit(); // whatever connections it keeps
