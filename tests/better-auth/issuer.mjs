// A Better Auth server for tests: it really issues the tokens that the task API verifies.

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
  // Encrypts the private keys, which are lost when this process ends.
  secret: randomBytes(32).toString("base64"),
  database: memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] }),
  emailAndPassword: { enabled: true },
  // With NODE_ENV=production, the limit would be three sign-ins in ten seconds.
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

// Better Auth rotates keys when it next signs and finds no live key. Only then does the JWKS contain the
// new key; the old one stays there for the grace period.
async function endRotationInterval() {
  const now = new Date();
  const { adapter } = await auth.$context;
  const live = [{ field: "expiresAt", operator: "gt", value: now }];
  await adapter.updateMany({ model: "jwks", where: live, update: { expiresAt: now } });
}

// Standard input ends when the test that started this process ends, for whatever reason.
process.stdin.on("end", () => process.exit()).resume();
process.on("SIGTERM", () => process.exit());

console.log(JSON.stringify({ url, jwks_url: url + JWKS_PATH }));
