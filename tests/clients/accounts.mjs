// Expired cursors, erased users, other users of the device, and what does not fit or is refused.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { losePush, push } from "./pushes.mjs";

export const accounts = {
  async "an expired cursor loses nothing that is not sent, and keeps nothing that is gone"(world) {
    const [a, b, kept, gone] = await world.pair("kept", "gone");
    a.network.online = false;
    const added = await world.create(a, { title: "added" });
    await a.update(kept, { title: "changed" });
    await b.remove(gone);
    await b.sync();
    a.network.online = true;
    a.network.expireCursor();
    await a.sync();
    const tasks = await world.converge(a, b);
    assert.deepEqual(new Set(tasks.keys()), new Set([kept, added]));
    assert.deepEqual(await world.titles(), ["added", "changed"]);
  },

  async "what is not sent stays on the screen while everything is read again"(world) {
    const [a, b, id] = await world.pair("t");
    a.network.expireCursor();
    a.network.afterNext("GET", /^\/changes$/, () => world.create(a, { title: "meanwhile" }));
    let seen;
    a.network.afterNext(...push(a, "create"), async () => (seen = await a.all()));
    await world.sync(a);
    await world.converge(a, b);
    assert.deepEqual([...seen.values()].map(({ title }) => title).sort(), ["meanwhile", "t"]);
    assert.equal(seen.has(id), true);
  },

  async "after the user is erased, both start again"(world) {
    const [a, b, first] = await world.pair("first", "second");
    a.network.online = false;
    await a.update(first, { title: "of somebody who is gone" });
    const erased = await world.server.request("DELETE", `?confirm=${world.userId}`);
    assert.equal(erased.status, 204);
    await world.create(a, { title: "a new beginning" });
    await world.server.request("POST", "/tasks", { body: { title: "of the server" } });
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["a new beginning", "of the server"]);
  },

  async "a new account without tasks is in sync"(world) {
    const [a, b] = await world.pair();
    assert.equal((await world.converge(a, b)).size, 0);
    await world.create(b, { title: "the first" });
    assert.equal((await world.converge(a, b)).size, 1);
  },

  async "another user of the device gets nothing of the first"(world) {
    const [a, b, id] = await world.pair("ann's");
    a.network.online = false;
    await a.update(id, { title: "ann's, changed offline" });
    await world.create(a, { title: "ann's secret" });
    a.session.signedIn = randomUUID();
    a.network.online = true;
    assert.notEqual(await a.sync(), undefined, "the server refuses the other user's token");

    const bob = new world.constructor({ ...world, userId: a.session.signedIn });
    const his = await bob.replica({ device: a });
    await bob.create(his, { title: "bob's" });
    await bob.converge(his);
    assert.deepEqual(await bob.titles(), ["bob's"]);
    await bob.close();

    a.session.signedIn = world.userId;
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["ann's secret", "ann's, changed offline"]);
  },

  async "a task that changes between two pages is taken as it is last"(world) {
    const titles = Array.from({ length: 9 }, (_, index) => `task ${index}`);
    const [a, b, first, second] = await world.pair(...titles);
    const c = await world.replica({ pageSize: 4 });
    const d = await world.replica({ pageSize: 4 });
    d.network.online = false;
    for (const title of ["x", "y", "z", "v", "w"]) await a.create(randomUUID(), { title });
    await a.update(first, { title: "in the feed" });
    await a.sync();
    // d is in the middle of its pull.
    d.network.afterNext("GET", /^\/changes$/, async () => {
      await b.sync();
      await b.update(first, { title: "changed again" });
      await b.create(randomUUID(), { title: "new" });
      await b.remove(second);
      await b.sync();
    });
    d.network.online = true;
    await d.sync();
    const tasks = await world.converge(a, b, c, d);
    assert.equal(tasks.get(first).title, "changed again");
    assert.equal(tasks.size, 14);
    assert(d.network.log.filter(({ path }) => path === "/changes").length > 4, "there were several pages");
  },

  async "more changes than fit into a batch arrive, whatever is lost"(world) {
    const [a, b] = await world.pair();
    a.network.online = false;
    for (let index = 0; index < 130; index += 1) await world.create(a, { title: `task ${index}` });
    losePush(a, "create");
    a.network.online = true;
    await a.sync();
    assert.equal((await world.converge(a, b)).size, 130);
  },

  async "what the server refuses is reported, and stops nothing else"(world) {
    const [a, b, id] = await world.pair("valid");
    world.refusals = true;
    a.network.online = false;
    await a.update(id, { title: "x".repeat(201) });
    const invalid = await world.create(a, { title: "  " });
    await world.create(a, { title: "also valid" });
    a.network.online = true;
    await world.sync(a);
    assert.deepEqual(await world.titles(), ["also valid", "valid"]);
    assert.deepEqual(new Set(a.refused.map((refusal) => refusal.id)), new Set([id, invalid]));

    // The user corrects it. Some libraries have kept what was refused.
    await a.update(id, { title: "short" });
    if ((await a.all()).has(invalid)) await a.update(invalid, { title: "corrected" });
    else await a.create(invalid, { title: "corrected" });
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["also valid", "corrected", "short"]);
  },
};
