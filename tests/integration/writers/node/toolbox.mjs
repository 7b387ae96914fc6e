// The entities of dynamodb-toolbox's that tests/integration/writers/test_toolbox.py has models of.

import {
  DeleteItemCommand,
  Entity,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  Table,
  UpdateItemCommand,
  item,
  number,
  prefix,
  set,
  string,
} from "dynamodb-toolbox";

const status = ({ status }) => (status === undefined ? undefined : `STATUS#${status}`);

export function toolbox(documentClient, name) {
  const table = new Table({
    documentClient,
    name,
    partitionKey: { name: "pk", type: "string" },
    sortKey: { name: "sk", type: "string" },
    indexes: {
      gsi1: {
        type: "global",
        partitionKey: { name: "gsi1pk", type: "string" },
        sortKey: { name: "gsi1sk", type: "string" },
      },
    },
  });
  const users = new Entity({
    name: "USER",
    table,
    schema: item({
      userId: string().key(),
      email: string(),
      status: string().optional(),
      tags: set(string()).optional(),
      count: number().optional(),
    }).and(() => ({
      gsi1pk: string().optional().hidden().link(status),
      gsi1sk: string().optional().hidden().link(({ userId }) => `USER#${userId}`),
    })),
    computeKey: ({ userId }) => ({ pk: `USER#${userId}`, sk: "PROFILE" }),
  });
  const orders = new Entity({
    name: "ORDER",
    table,
    schema: item({
      userId: string().key(),
      number: number().key(),
      note: string().optional(),
    }),
    computeKey: ({ userId, number }) => ({
      pk: `USER#${userId}`,
      sk: `ORDER#${String(number).padStart(8, "0")}`,
    }),
  });
  // Its key fields are the key attributes, and it has no times.
  const notes = new Entity({
    name: "NOTE",
    table,
    timestamps: false,
    schema: item({
      about: string().key().savedAs("pk").transform(prefix("NOTES")),
      topic: string().key().savedAs("sk").transform(prefix("TOPIC")),
      text: string(),
    }),
  });
  const put = (entity, values) => entity.build(PutItemCommand).item(values).send();
  const update = (entity, values) => entity.build(UpdateItemCommand).item(values).send();
  const remove = (entity, key) => entity.build(DeleteItemCommand).key(key).send();
  const get = async (entity, key) => (await entity.build(GetItemCommand).key(key).send()).Item;
  const query = async (asked, ...entities) =>
    (await table.build(QueryCommand).query(asked).entities(...entities).send()).Items;
  const scan = async (...entities) =>
    (await table.build(ScanCommand).entities(...entities).send()).Items;
  return { users, orders, notes, put, update, remove, get, query, scan };
}
