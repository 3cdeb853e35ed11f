// Runs the audits of GraphQL over HTTP against the address given, and writes one JSON object per audit.
import { auditServer } from "graphql-http";

for (const audit of await auditServer({ url: process.argv[2] })) {
  const { id, name, status, reason } = audit;
  console.log(JSON.stringify({ id, name, status, reason }));
}
