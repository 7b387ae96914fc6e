// The entities of ElectroDB's that tests/integration/writers/test_electrodb.py has models of.

import { Entity, Service } from "electrodb";

const users = {
  model: { entity: "user", version: "1", service: "shop" },
  attributes: {
    userId: { type: "string", required: true },
    email: { type: "string", required: true },
    status: { type: "string" },
    score: { type: "number" },
    tags: { type: "set", items: "string" },
    seen: { type: "string" },
  },
  indexes: {
    primary: {
      collection: "account",
      pk: { field: "pk", composite: ["userId"] },
      sk: { field: "sk", composite: [] },
    },
    byEmail: {
      index: "gsi1",
      pk: { field: "gsi1pk", composite: ["email"] },
      sk: { field: "gsi1sk", composite: [] },
    },
    byStatus: {
      index: "gsi2",
      pk: { field: "gsi2pk", composite: ["status"] },
      sk: { field: "gsi2sk", composite: ["userId"] },
    },
  },
};

const orders = {
  model: { entity: "order", version: "1", service: "shop" },
  attributes: {
    userId: { type: "string", required: true },
    number: { type: "number", required: true, padding: { length: 8, char: "0" } },
    placed: { type: "string", required: true },
    note: { type: "string" },
  },
  indexes: {
    primary: {
      collection: "account",
      pk: { field: "pk", composite: ["userId"] },
      sk: { field: "sk", composite: ["number"] },
    },
    byTime: {
      index: "gsi1",
      pk: { field: "gsi1pk", composite: [] },
      sk: { field: "gsi1sk", composite: ["placed"] },
    },
  },
};

// Its values keep their case, and so do the names in its keys.
const contacts = {
  model: { entity: "Contact", version: "2", service: "Shop" },
  attributes: {
    Email: { type: "string", required: true },
    Topic: { type: "string", required: true },
    text: { type: "string" },
  },
  indexes: {
    primary: {
      pk: { field: "pk", composite: ["Email"], casing: "none" },
      sk: { field: "sk", composite: ["Topic"], casing: "none" },
    },
  },
};

// Two entities that stand among each other, in the order of what they are made of.
const clustered = (entity) => ({
  model: { entity, version: "1", service: "Work" },
  attributes: {
    team: { type: "string", required: true },
    project: { type: "string", required: true },
    number: { type: "number", required: true, padding: { length: 4, char: "0" } },
  },
  indexes: {
    primary: {
      collection: "work",
      type: "clustered",
      scope: "beta",
      pk: { field: "pk", composite: ["team"] },
      sk: { field: "sk", composite: ["project", "number"] },
    },
    byProject: {
      index: "gsi1",
      pk: { field: "gsi1pk", composite: ["team"] },
      sk: { field: "gsi1sk", composite: ["project", "number"] },
    },
  },
});

// A number alone is the sort key, as it is.
const scores = {
  model: { entity: "score", version: "1", service: "game" },
  attributes: {
    board: { type: "string", required: true },
    points: { type: "number", required: true },
    player: { type: "string" },
  },
  indexes: {
    primary: {
      pk: { field: "pk", composite: ["board"], template: "BOARD#${board}", casing: "none" },
      sk: { field: "sk", composite: ["points"], template: "${points}" },
    },
  },
};

export function electrodb(client, table, scoreTable) {
  const shop = new Service(
    { users: new Entity(users), orders: new Entity(orders) },
    { client, table },
  );
  return {
    shop: shop.collections,
    users: shop.entities.users,
    orders: shop.entities.orders,
    tasks: new Entity(clustered("task"), { client, table }),
    issues: new Entity(clustered("issue"), { client, table }),
    contacts: new Entity(contacts, { client, table }),
    scores: new Entity(scores, { client, table: scoreTable }),
  };
}
