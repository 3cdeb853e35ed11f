// Baseline (e): PostGraphile 5 over the same table; a function in the database does the guarded update.

import { createServer } from "node:http";
import { GraphQLError } from "graphql";
import { postgraphile } from "postgraphile";
import { grafserv } from "postgraphile/grafserv/node";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makeV4Preset } from "postgraphile/presets/v4";

const server = createServer();
const instance = postgraphile({
  extends: [PostGraphileAmberPreset, makeV4Preset({ disableDefaultMutations: false })],
  pgServices: [
    makePgService({
      connectionString: process.env.BENCH_DATABASE,
      schemas: ["public"],
      poolConfig: { max: Number(process.env.BENCH_CONNECTIONS ?? 16) },
    }),
  ],
  grafserv: {
    graphqlPath: "/graphql",
    graphiql: false,
    watch: false,
    // A caller should be able to tell that a value is taken; as it comes, every error is masked.
    maskError: ({ message, path, originalError }) => new GraphQLError(message, { path, extensions: { code: originalError?.code } }),
  },
  grafast: { explain: false },
});
await instance.getSchema();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.env.BENCH_PORT), "127.0.0.1");
