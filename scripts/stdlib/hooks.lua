--- Hooks: the places where a site adds its own word to a workflow, by `hooks.on(name, fn)` in its hooks.lua.
---
--- A hook may veto by raising (`fail{…}`) or return the payload with changes; each call is a journaled step, so it is not
--- repeated after a resume. Several functions on one hook run in the order in which the site named them.
---
--- @since 0.1
---
--- Example (site/hooks.lua):
---   hooks.on("server.options", function(p)
---     p.options.metadata.moved_by = "night shift"
---     return p
---   end)

return {
  ["plan.ready"] = {
    doc = "The plan is made and nothing has changed yet; raise to stop the run.",
    payload = "{ rows = { { kind, name, action, why, … } } }",
  },
  ["object.before"] = {
    doc = "An object is about to be created at the target.",
    payload = "{ kind, name, source_id }",
  },
  ["object.done"] = {
    doc = "An object is at the target and verified.",
    payload = "{ kind, name, source_id, target_id }",
  },
  ["server.before_stop"] = {
    doc = "All that a server needs is at the target; it is about to be stopped. The place to drain a load balancer.",
    payload = "{ name, source_id, host }",
  },
  ["server.options"] = {
    doc = "What a server will be created with, before its disks are copied; return it changed to change the server.",
    payload = "{ name, source_id, options = { flavor, metadata, tags, availability_zone, … } }",
  },
  ["server.verify"] = {
    doc = "A server runs at the target and equals its source; the place for a ping or an HTTP check. Raise to reject it.",
    payload = "{ name, source_id, target_id, addresses = { … } }",
  },
  ["source.delete"] = {
    doc = "All is verified and --delete-source was given: an object at the source is about to be deleted.",
    payload = "{ kind, name, source_id, target_id }",
  },
}
