// The model of OneTable's that tests/integration/writers/test_onetable.py has a model of.

import { Table } from "dynamodb-onetable";
import { Dynamo } from "dynamodb-onetable/Dynamo";

export function onetable(client, name) {
  const table = new Table({
    client: new Dynamo({ client }),
    name,
    partial: true,
    schema: {
      format: "onetable:1.1.0",
      version: "0.0.1",
      indexes: {
        primary: { hash: "pk", sort: "sk" },
        gsi1: { hash: "gsi1pk", sort: "gsi1sk", project: "all" },
      },
      models: {
        User: {
          pk: { type: String, value: "user#${userId}" },
          sk: { type: String, value: "user#" },
          gsi1pk: { type: String, value: "mail#${email}" },
          gsi1sk: { type: String, value: "user#" },
          userId: { type: String, required: true },
          email: { type: String, required: true },
          score: { type: Number },
          tags: { type: Set },
          born: { type: Date },
        },
      },
      params: { isoDates: true, timestamps: true },
    },
  });
  return { users: table.getModel("User") };
}
