// Baseline (d): fastify and pg, with mercurius (jit) for GraphQL, in one process or in several.

import cluster from "node:cluster";
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const workers = Number(process.env.BENCH_WORKERS ?? 1);
const UNIQUE_VIOLATION = "23505";

async function serve() {
  // Versions are far below 2^53 here.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE, max: Number(process.env.BENCH_CONNECTIONS ?? 16) });
  const columns = "id, version, name, email, role, bio";

  // A name makes it a prepared statement.
  const run = async (name, text, values) => (await pool.query({ name, text, values })).rows;
  const get = async (id) => (await run("get", `SELECT ${columns} FROM users WHERE id = $1`, [id]))[0];
  const list = (after, limit) => run("list", `SELECT ${columns} FROM users WHERE id > $1 ORDER BY id LIMIT $2`, [after, limit]);
  const search = (role, byName, after, limit) => {
    const conditions = [];
    const values = [limit];
    if (role !== null) conditions.push(`role = $${values.push(role)}`);
    if (after !== null && byName) conditions.push(`(name, id) > (SELECT name, id FROM users WHERE id = $${values.push(after)})`);
    if (after !== null && !byName) conditions.push(`id > $${values.push(after)}`);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
    const text = `SELECT ${columns} FROM users ${where} ORDER BY ${byName ? "name, id" : "id"} LIMIT $1`;
    return run(`search ${role !== null} ${byName} ${after !== null}`, text, values);
  };
  // Nobody here has more than a few.
  const documentsOf = (owners) =>
    run("documents", "SELECT id, version, title, owner_id FROM documents WHERE owner_id = ANY($1) ORDER BY owner_id, id", [owners]);
  const create = async (user) =>
    (
      await run(
        "create",
        `INSERT INTO users (version, name, email, role, bio) VALUES (1, $1, $2, $3, $4) RETURNING ${columns}`,
        [user.name, user.email, user.role, user.bio],
      )
    )[0];
  const replace = async (id, seen, user) =>
    (
      await run(
        "replace",
        `UPDATE users SET name = $3, email = $4, role = $5, bio = $6, version = version + 1
         WHERE id = $1 AND version = coalesce($2, version) RETURNING ${columns}`,
        [id, seen, user.name, user.email, user.role, user.bio],
      )
    )[0];
  const patch = async (id, seen, changes) => {
    const fields = Object.keys(changes).sort();
    const set = fields.map((name, index) => `${name} = $${index + 3}`).join(", ");
    const text = `UPDATE users SET ${set}, version = version + 1 WHERE id = $1 AND version = coalesce($2, version) RETURNING ${columns}`;
    return (await run(`patch ${fields}`, text, [id, seen, ...fields.map((name) => changes[name])]))[0];
  };

  const app = Fastify();
  rest(app, { get, list, create, replace, patch });
  await app.register(mercurius, {
    schema,
    resolvers: resolvers({ get, list, search, create, replace }),
    loaders: loaders(documentsOf),
    jit: 1,
  });
  await app.listen({ host: "127.0.0.1", port: Number(process.env.BENCH_PORT) });
}

function rest(app, users) {
  const fields = {
    name: { type: "string", minLength: 1, maxLength: 200 },
    email: { type: "string", minLength: 3, maxLength: 320 },
    role: { type: "string", default: "user" },
    bio: { type: ["string", "null"], default: null },
  };
  const document = { type: "object", required: ["name", "email"], properties: fields, additionalProperties: false };
  const changes = {
    type: "object",
    minProperties: 1,
    properties: { name: fields.name, email: fields.email, role: { type: "string" }, bio: { type: ["string", "null"] } },
    additionalProperties: false,
  };
  const representation = { type: "object", properties: { id: { type: "integer" }, version: { type: "integer" }, ...fields } };
  const params = { type: "object", properties: { id: { type: "integer" } } };

  const seen = (request) => {
    const tag = request.headers["if-match"];
    return tag === undefined ? null : Number(tag.slice(1, -1));
  };
  const answer = async (request, reply, row) => {
    if (row !== undefined) return reply.header("etag", `"${row.version}"`).send(row);
    const there = (await users.get(request.params.id)) !== undefined;
    return reply.code(there ? 412 : 404).send({ detail: there ? "The user has changed." : "There is no such user." });
  };
  app.setErrorHandler((error, request, reply) => {
    if (error.code === UNIQUE_VIOLATION) return reply.code(409).send({ detail: "Another user has that email." });
    return reply.code(error.statusCode ?? 500).send({ detail: error.message });
  });
  app.addContentTypeParser("application/merge-patch+json", { parseAs: "string" }, app.getDefaultJsonParser("error", "error"));

  const one = { schema: { params, response: { 200: representation } } };
  app.get("/api/users/:id", one, async (request, reply) => answer(request, reply, await users.get(request.params.id)));
  app.get("/api/users", async (request) => users.list(Number(request.query.after ?? 0), Number(request.query.limit ?? 20)));
  app.post("/api/users", { schema: { body: document, response: { 201: representation } } }, async (request, reply) => {
    const row = await users.create(request.body);
    return reply.code(201).header("etag", `"${row.version}"`).header("location", `/api/users/${row.id}`).send(row);
  });
  app.put("/api/users/:id", { schema: { ...one.schema, body: document } }, async (request, reply) =>
    answer(request, reply, await users.replace(request.params.id, seen(request), request.body)),
  );
  app.patch("/api/users/:id", { schema: { ...one.schema, body: changes } }, async (request, reply) =>
    answer(request, reply, await users.patch(request.params.id, seen(request), request.body)),
  );
}

const schema = `
  type User {
    id: ID! version: Int! name: String! email: String! role: String! bio: String
    documents(first: Int = 20): DocumentConnection!
  }
  type Document { id: ID! version: Int! title: String! }
  type DocumentEdge { cursor: String! node: Document! }
  type DocumentConnection { edges: [DocumentEdge!]! pageInfo: PageInfo! }
  type UserWritten { version: Int! user: User! }
  interface Problem { code: String! detail: String! }
  type NotFound implements Problem { code: String! detail: String! }
  type UserVersionMismatch implements Problem { code: String! detail: String! }
  type UniqueConflict implements Problem { code: String! detail: String! }
  union CreateUserResult = UserWritten | UniqueConflict
  union ReplaceUserResult = UserWritten | NotFound | UserVersionMismatch | UniqueConflict
  input CreateUserInput { name: String! email: String! role: String! = "user" bio: String }
  input ReplaceUserInput { name: String! email: String! role: String! = "user" bio: String }
  type UserEdge { cursor: String! node: User! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type UserConnection { edges: [UserEdge!]! pageInfo: PageInfo! }
  input StringFilter { eq: String }
  input UserWhere { role: StringFilter }
  enum UserOrder { ID_ASC NAME_ASC }
  type Query {
    user(id: ID!): User
    users(where: UserWhere, orderBy: [UserOrder!], first: Int = 20, after: String): UserConnection!
  }
  type Mutation {
    createUser(input: CreateUserInput!): CreateUserResult
    replaceUser(id: ID!, version: Int, input: ReplaceUserInput!): ReplaceUserResult
  }
`;

const connection = (rows, first) => {
  const edges = rows.slice(0, first).map((node) => ({ cursor: String(node.id), node }));
  return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
};

function loaders(documentsOf) {
  const documents = async (queries) => {
    const found = new Map(queries.map(({ obj }) => [obj.id, []]));
    for (const row of await documentsOf([...found.keys()])) found.get(row.owner_id).push(row);
    return queries.map(({ obj, params }) => connection(found.get(obj.id), params.first));
  };
  // Nothing is asked for twice in one operation; finding that out would cost more than it saves.
  return { User: { documents: { loader: documents, opts: { cache: false } } } };
}

function resolvers(users) {
  const written = (user) => ({ __typename: "UserWritten", version: user.version, user });
  const refused = (error) => {
    if (error.code !== UNIQUE_VIOLATION) throw error;
    return { __typename: "UniqueConflict", code: "unique_conflict", detail: "Another user has that email." };
  };
  return {
    Query: {
      user: (_, { id }) => users.get(Number(id)),
      users: async (_, { where, orderBy, first, after }) => {
        const role = where?.role?.eq ?? null;
        const last = after == null ? null : Number(after);
        return connection(await users.search(role, orderBy?.[0] === "NAME_ASC", last, first + 1), first);
      },
    },
    Mutation: {
      createUser: async (_, { input }) => users.create({ bio: null, ...input }).then(written, refused),
      replaceUser: async (_, { id, version, input }) => {
        const row = await users.replace(Number(id), version ?? null, { bio: null, ...input }).catch(refused);
        if (row?.__typename) return row;
        if (row !== undefined) return written(row);
        if ((await users.get(Number(id))) === undefined)
          return { __typename: "NotFound", code: "not_found", detail: "There is no such user." };
        return { __typename: "UserVersionMismatch", code: "version_mismatch", detail: "The user has changed." };
      },
    },
  };
}

if (cluster.isPrimary && workers > 1) {
  for (let number = 0; number < workers; number += 1) cluster.fork();
  process.on("SIGTERM", () => process.exit(0));
} else {
  await serve();
}
