// What two replicas change at the same time.

import assert from "node:assert/strict";

import { conflicts, push } from "./pushes.mjs";

export const edits = {
  async "both work offline and end with the same"(world) {
    const [a, b, shared] = await world.pair("shared");
    a.network.online = b.network.online = false;
    await world.create(a, { title: "of a", tags: ["x", "y"], due: "2026-12-01", priority: "high" });
    const late = await world.create(b, { title: "  of b  " });
    await a.update(shared, { title: "renamed by a" });
    await b.update(shared, { completed: true, description: "described by b" });
    await b.update(late, { description: "written later" });
    await a.sync();
    assert.deepEqual(await world.titles(), ["shared"], "nothing gets through while offline");

    const tasks = await world.converge(a, b);

    const { title, completed, description } = tasks.get(shared);
    assert.deepEqual([title, completed, description], ["renamed by a", true, "described by b"]);
    assert.deepEqual(await world.titles(), ["of a", "of b", "renamed by a"]);
    assert.equal(tasks.get(late).description, "written later");
  },

  async "a field that both changed has the value of the last to sync"(world) {
    const [a, b, id] = await world.pair("old");
    a.network.online = b.network.online = false;
    await a.update(id, { title: "of a", priority: "low" });
    await b.update(id, { title: "of b" });
    b.network.online = true;
    await world.sync(b);

    const tasks = await world.converge(a, b);

    assert.deepEqual([tasks.get(id).title, tasks.get(id).priority], ["of a", "low"]);
    assert.equal(conflicts(a).length > 0, a.constructor.name !== "Watermelon", "the other libraries push first");
  },

  async "only what the user has changed since the last sync counts as theirs"(world) {
    const [a, b, id] = await world.pair("0");
    await a.update(id, { title: "1, of a" });
    await world.converge(a, b);
    await b.update(id, { title: "2, of b" });
    await world.converge(b, a);
    a.network.online = false;
    await a.update(id, { description: "of a" });
    await b.update(id, { title: "3, of b" });
    await world.sync(b);
    const tasks = await world.converge(a, b);
    assert.deepEqual([tasks.get(id).title, tasks.get(id).description], ["3, of b", "of a"]);
  },

  async "what others change just before a push is not overwritten"(world) {
    const [a, b, changed, deleted] = await world.pair("t", "u");
    a.network.online = false;
    await a.update(changed, { title: "of a" });
    await a.remove(deleted);
    const change = (id, body) => world.server.request("PATCH", `/tasks/${id}`, { body });
    a.network.beforeNext(...push(a, "update"), async () => {
      await change(changed, { title: "of another", description: "of another" });
      await change(deleted, { title: "still needed" });
    });
    a.network.online = true;
    const tasks = await world.converge(a, b);
    const { title, description } = tasks.get(changed);
    assert.deepEqual([title, description], ["of a", "of another"]);
    assert.equal(tasks.get(deleted)?.title, "still needed");
  },

  async "two syncs at once do no harm"(world) {
    const [a, b, id] = await world.pair("t");
    a.network.online = false;
    await a.update(id, { title: "u" });
    await world.create(a, { title: "v" });
    a.network.online = true;
    await a.sync();
    const outcomes = await Promise.all([a.sync(), a.sync(), a.sync()]);
    assert.deepEqual(outcomes, [undefined, undefined, undefined]);
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["u", "v"]);
  },

  async "a replica is not in conflict with itself"(world) {
    const [a, b, id] = await world.pair("0");
    for (const title of ["1", "2", "3"]) {
      await a.update(id, { title });
      await world.sync(a);
    }
    await world.create(a, { title: "other" });
    await a.remove(id);
    const tasks = await world.converge(a, b);
    assert.equal(tasks.size, 1);
    assert.deepEqual(conflicts(a), []);
  },

  async "what the user does while an answer is on its way is kept"(world) {
    const [a, b, id] = await world.pair("old");
    a.network.afterNext(...push(a, "update"), () => a.update(id, { description: "typed meanwhile" }));
    a.network.afterNext("GET", /^\/changes$/, () => a.update(id, { priority: "high" }));
    await a.update(id, { title: "new" });
    await a.sync();
    const tasks = await world.converge(a, b);
    const { title, description, priority } = tasks.get(id);
    assert.deepEqual([title, description, priority], ["new", "typed meanwhile", "high"]);
  },
};
