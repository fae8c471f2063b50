// Deletions, restores, and changes of what is deleted.

import assert from "node:assert/strict";

import { conflicts } from "./pushes.mjs";

export const deletions = {
  async "a deletion reaches the other replica, and both may delete"(world) {
    const [a, b, first, second] = await world.pair("first", "second");
    await a.remove(first);
    b.network.online = false;
    await a.remove(second);
    await b.remove(second);
    const unsent = await world.create(b, { title: "never sent" });
    await b.remove(unsent);
    assert.equal((await world.converge(a, b)).size, 0);
  },

  async "a change of what has been deleted since does not bring it back"(world) {
    const [a, b, id] = await world.pair("t");
    a.network.online = false;
    await a.update(id, { title: "too late" });
    await b.remove(id);
    await b.sync();
    assert.equal((await world.converge(a, b)).size, 0);
  },

  async "a deletion by somebody who has not seen the change is refused"(world) {
    const [a, b, id, other] = await world.pair("t", "u");
    a.network.online = false;
    await a.remove(id);
    await a.remove(other);
    await b.update(id, { title: "changed" });
    await b.sync();
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["changed"]);
  },

  async "a deletion that crosses somebody's change is refused"(world) {
    const [a, b, id] = await world.pair("t");
    await b.update(id, { title: "changed" });
    await world.sync(b);
    a.network.afterNext("GET", /^\/changes$/, () => a.remove(id));
    await world.sync(a);
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["changed"]);
  },

  async "a task that was changed, pushed and then deleted is deleted"(world) {
    const [a, b, id] = await world.pair("t");
    await a.update(id, { title: "u" });
    await a.sync();
    a.network.online = false;
    await a.update(id, { title: "v" });
    await a.remove(id);
    assert.equal((await world.converge(a, b)).size, 0);
    assert.deepEqual(conflicts(a), []);
  },

  async "what is restored from the trash is back everywhere, and can be changed"(world) {
    const [a, b, id] = await world.pair("t");
    await a.remove(id);
    assert.equal((await world.converge(a, b)).size, 0);
    assert.equal((await world.server.request("POST", `/trash/${id}/restore`)).status, 200);
    const restored = await world.converge(a, b);
    assert.equal(restored.get(id).title, "t");

    await b.update(id, { title: "restored" });
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["restored"]);
    assert.deepEqual(conflicts(b), []);
  },

  async "a deletion that is older than the restore does not delete"(world) {
    const [a, b, id] = await world.pair("t");
    a.network.online = false;
    await a.remove(id);
    await b.remove(id);
    await b.sync();
    await world.server.request("POST", `/trash/${id}/restore`);
    await world.converge(a, b);
    assert.deepEqual(await world.titles(), ["t"]);
  },

  async "a task of the same id is created again"(world) {
    const [a, b, id] = await world.pair("t");
    await a.remove(id);
    await world.converge(a, b);
    await a.create(id, { title: "t" });
    const tasks = await world.converge(a, b);
    assert.deepEqual([...tasks.keys()], [id]);
  },
};
