// A Better Auth server for tests: the real issuer of the tokens that the task API verifies.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins/jwt";

const JWKS_PATH = "/api/auth/jwks";
const MONTH_SECONDS = 30 * 24 * 60 * 60;

// Better Auth puts its base URL into every token (`iss`, `aud`), so the port must be known first.
const server = createServer().listen(process.env.PORT ?? 0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}`;

const auth = betterAuth({
  baseURL: url,
  // Encrypts the private keys, which do not outlive this process.
  secret: randomBytes(32).toString("base64"),
  database: memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] }),
  emailAndPassword: { enabled: true },
  // With NODE_ENV=production, three sign-ins in ten seconds would be the limit.
  rateLimit: { enabled: false },
  plugins: [jwt({ jwks: { rotationInterval: MONTH_SECONDS, gracePeriod: MONTH_SECONDS } })],
});
const betterAuthHandler = toNodeHandler(auth);
let jwksRequests = 0;

server.on("request", async (request, response) => {
  const { pathname } = new URL(request.url, url);
  switch (`${request.method} ${pathname}`) {
    case "POST /test/rotate-key":
      await endRotationInterval();
      return response.writeHead(204).end();
    case "GET /test/requests":
      return response.setHeader("content-type", "application/json").end(String(jwksRequests));
    case `GET ${JWKS_PATH}`:
      jwksRequests += 1;
  }
  await betterAuthHandler(request, response);
});

// Better Auth rotates when it next signs and finds no live key: only then is the new key in the JWKS,
// and the old one stays there for the grace period.
async function endRotationInterval() {
  const now = new Date();
  const { adapter } = await auth.$context;
  const live = [{ field: "expiresAt", operator: "gt", value: now }];
  await adapter.updateMany({ model: "jwks", where: live, update: { expiresAt: now } });
}

// Standard input ends when the test that started this dies, however it dies.
process.stdin.on("end", () => process.exit()).resume();
process.on("SIGTERM", () => process.exit());

console.log(JSON.stringify({ url, jwks_url: url + JWKS_PATH }));
