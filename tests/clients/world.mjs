// A user with two replicas of their tasks, and the server.

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";

import { Network } from "./network.mjs";
import { complaints } from "./replicas.mjs";
import { TaskApi, pick } from "./tasks.mjs";

/** A token as the frontend's server signs it (HS256). */
export function signToken(secret, userId) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: userId, exp: expires })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

export class World {
  /** Whether the server has something to refuse. */
  refusals = false;
  #replicas = [];

  /** @param {{ url: string, secret: string, Library: any, userId?: string }} options */
  constructor({ url, secret, Library, userId = randomUUID() }) {
    Object.assign(this, { url, secret, Library, userId });
    /** The server without a replica: what the user does in a browser tab. */
    this.server = this.apiOf(this.userId);
  }

  apiOf(userId, options = {}) {
    return new TaskApi({ url: this.url, userId, token: () => signToken(this.secret, userId), ...options });
  }

  /** A replica with a network of its own, on the device of another replica if there is one. */
  async replica({ pageSize, device } = {}) {
    const network = new Network();
    const session = { signedIn: this.userId };
    const token = () => signToken(this.secret, session.signedIn);
    const api = this.apiOf(this.userId, { token, fetch: network.fetch, pageSize });
    const replica = Object.assign(await this.Library.open(api, device), { network, session });
    this.#replicas.push(replica);
    return replica;
  }

  /** Two replicas which have what the server has: a task for each title, whose ID is returned. */
  async pair(...titles) {
    const [a, b] = [await this.replica(), await this.replica()];
    const ids = [];
    for (const title of titles) ids.push(await this.create(a, { title }));
    await this.converge(a, b);
    return [a, b, ...ids];
  }

  async create(replica, task) {
    const id = randomUUID();
    await replica.create(id, task);
    return id;
  }

  /** Syncs, which must succeed. The first failure may be one of a request that was sent before. */
  async sync(replica) {
    if ((await replica.sync()) !== undefined) assert.equal(await replica.sync(), undefined);
  }

  /** Lets all replicas sync, and checks that each has exactly what the server has, which is returned. */
  async converge(...replicas) {
    for (const { network } of replicas) {
      assert(network.allLost, "the scenario did not lose what it wanted to lose");
      network.online = true;
    }
    for (let round = 0; round < 3; round += 1) {
      for (const replica of replicas) await this.sync(replica);
    }
    const { changes } = await this.server.changes();
    const expected = new Map([...changes].map(([id, task]) => [id, { ...pick(task), etag: task.etag }]));
    const list = await this.server.request("GET", "/tasks");
    assert.deepEqual(new Set(list.body.map(({ id }) => id)), new Set(expected.keys()), "the feed is not the list");
    for (const [index, replica] of replicas.entries()) {
      assert.deepEqual(await replica.all(), expected, `replica ${index} is not what the server has`);
      assert(this.refusals || replica.refused.length === 0, `refused: ${JSON.stringify(replica.refused)}`);
    }
    assert.deepEqual(complaints, []);
    return expected;
  }

  /** The titles on the server, sorted. */
  async titles() {
    const { body } = await this.server.request("GET", "/tasks");
    return body.map(({ title }) => title).sort();
  }

  async close() {
    for (const replica of this.#replicas) await replica.close();
  }
}
