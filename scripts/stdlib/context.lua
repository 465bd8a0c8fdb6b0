--- Context: what the parts of one migration share: the two clouds, what they have, and which object became which.
---
--- @since 0.1
---
--- Example:
---   local ctx = require("context").new(w, input)
---   ctx:target_id("network", port.network_id)

local inventory = require "inventory"
local resources = require "resources"

local context = {}
context.__index = context

function context.new(w, input)
  local source, target = cloud(input.source), cloud(input.target)
  return setmetatable({
    run_id = w.run_id,
    input = input,
    source = source,
    target = target,
    at_source = inventory.of(source),
    at_target = inventory.of(target),
    items = {}, -- the plan by key
    ids = {}, -- key at the source → id at the target
    projects = {}, -- the ids of the source projects that the selection is about
    inside = {}, -- project at the target → the cloud as seen from inside it
  }, context)
end

--- The key of an object of the source: "network/5f0c…".
function context.key(kind, id)
  return kind .. "/" .. id
end

--- Remembers what an object of the source is called at the target.
function context:learn(key, target_id)
  self.ids[key] = target_id
end

--- The id at the target, or nil where the object is not there (yet).
function context:find_target(kind, id)
  return id and self.ids[self.key(kind, id)]
end

--- The id at the target; to ask for what does not move is a mistake in a handler's `needs`.
function context:target_id(kind, id)
  local found = self:find_target(kind, id)
  if not found then
    fail { kind = "not_found", message = ("%s %s has no counterpart at %s"):format(kind, id, self.target.name) }
  end
  return found
end

--- The counterpart of a project that may be no part of this run: moved before, or of the same name in the domain of the
--- same name. Nil where the target has none.
function context:project_at_target(id)
  local known = self:find_target("project", id)
  local project = not known and id and self.at_source:get("project", id)
  local domain = project and self.at_source:get("domain", project.domain_id)
  local there = domain and self.target.identity:find_domain(self:mapped("domain", domain.name) or domain.name)
  if not there then
    return known
  end
  local name = self:mapped("project", project.name) or project.name
  local found = self.target.identity:find_project(name, { domain_id = there.id })
  return found and found.id
end

--- The plan's item for an object, or nil.
function context:item(kind, id)
  return self.items[self.key(kind, id)]
end

--- An object of the source by id, or nil.
function context:source_object(kind, id)
  local item = self:item(kind, id)
  return item and item.object or self.at_source:get(kind, id)
end

--- The objects of a kind in the counterpart of a source project; {} where that project is yet to be made.
function context:in_target_project(kind, project)
  local target_project = self:find_target("project", project)
  return target_project and self.at_target:list(kind, { project = target_project }) or {}
end

--- The target as seen from inside the counterpart of a source project: what Nova and Cinder create belongs to the
--- project of the token, and to no other whatever one asks for.
function context:inside_project(project)
  local id = self:target_id("project", project)
  self.inside[id] = self.inside[id] or self.target:in_project(id)
  return self.inside[id]
end

--- What `map_<name>` says of a word that is no object of ours: volume types, availability zones.
function context:mapped(name, word)
  return word and (self.input["map_" .. name] or {})[word]
end

--- What the operator wants done where an object is at the target already and differs.
function context:on_conflict(kind)
  return self.input.on_conflict[kind] or self.input.on_conflict.all or "fail"
end

--- What a handler noted of an object when the plan was made; asked for anew where there is no plan (discover).
function context:detail(kind, object)
  local item = self:item(kind, object.id)
  return item and item.detail or resources.handler(kind).detail(object, self)
end

--- True where an object is made by this run, and so may be changed freely.
function context:made_here(kind, id)
  local item = self:item(kind, id)
  return item ~= nil and item.action == "create"
end

--- The name of a source object for messages.
function context:name(kind, id)
  local item = self:item(kind, id)
  if item then
    return item.name
  end
  local object = self.at_source:get(kind, id)
  return object and resources.name(resources.handler(kind), object) or id
end

return context
