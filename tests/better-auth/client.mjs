// A frontend that gets its tokens from Better Auth's jwt plugin.

import assert from "node:assert/strict";

import { base64url, decodeJwt, decodeProtectedHeader } from "jose";

import { expect, step, tasksOf, useEveryOperation } from "./operations.mjs";
import { newUser } from "./user.mjs";

const [issuer, api] = process.argv.slice(2);
assert(issuer && api, "usage: node client.mjs ISSUER_URL API_URL");

const ann = await newUser(issuer, "Ann");
const bob = await newUser(issuer, "Bob");
const token = await ann.token();
assert.equal(decodeJwt(token).sub, ann.id);
step(`signed up and in, and got a token for ${ann.id}`);

await useEveryOperation(tasksOf(api, ann.id, token));
await keepOthersOut();
await refuseAChangedToken();
await rotateTheKey();

async function keepOthersOut() {
  const hers = tasksOf(api, ann.id, token);
  const { id } = await expect(201, hers.create({ title: "Hers alone" }));
  const bobsToken = await bob.token();
  await expect(403, tasksOf(api, ann.id, bobsToken).get(id));
  await expect(404, tasksOf(api, bob.id, bobsToken).get(id));
  await expect(204, hers.delete(id));
  step("a second user can read neither the first user's path nor their task");
}

async function refuseAChangedToken() {
  const [header, , signature] = token.split(".");
  const payload = base64url.encode(JSON.stringify({ ...decodeJwt(token), sub: bob.id }));
  const answer = await tasksOf(api, bob.id, [header, payload, signature].join(".")).list();
  await expect(401, answer);
  assert.match(answer.headers.get("www-authenticate"), /^Bearer .*error="invalid_token"/);
  step("a token with a changed subject is refused");
}

async function rotateTheKey() {
  const rotated = await fetch(`${issuer}/test/rotate-key`, { method: "POST" });
  assert.equal(rotated.status, 204);
  const newToken = await ann.token();
  const [oldKid, newKid] = [token, newToken].map((each) => decodeProtectedHeader(each).kid);
  assert.notEqual(newKid, oldKid);
  step(`rotated the key ${oldKid} to ${newKid}`);

  await expect(200, tasksOf(api, ann.id, newToken).list());
  step("a token signed with the new key works");
  await expect(200, tasksOf(api, ann.id, token).list());
  step("a token signed with the old key still works");
}
