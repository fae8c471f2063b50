// A frontend that signs its own tokens with the secret that it shares with the task API.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { SignJWT } from "jose";

import { step, tasksOf, useEveryOperation } from "./operations.mjs";

const [api, secret] = process.argv.slice(2);
assert(api && secret, "usage: node shared-secret.mjs API_URL SECRET");

const userId = randomUUID();
const token = await new SignJWT({ email: "ann@example.com", name: "Ann" })
  .setProtectedHeader({ alg: "HS256" })
  .setSubject(userId)
  .setIssuedAt()
  .setExpirationTime("24h")
  .sign(new TextEncoder().encode(secret));
step(`signed a token for ${userId}`);

await useEveryOperation(tasksOf(api, userId, token));
