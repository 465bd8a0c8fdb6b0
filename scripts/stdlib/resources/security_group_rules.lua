--- The rules of a security group, all of them as one object: the second pass over the groups, because a rule may admit
--- the members of another group, which may in turn admit those of the first.
---
--- The group at the target ends with the same rules: missing ones are added, and those that Neutron gives every new
--- group are removed where the source's group does not have them.
---
--- @since 0.1

local security_group = require "resources.security_group"

local rules = { kind = "security_group_rules", service = "network", in_project = true }

rules.list = security_group.list
rules.get = security_group.get
rules.project = security_group.project

--- Names and numbers of protocols that mean the same.
local PROTOCOLS = { ["1"] = "icmp", ["6"] = "tcp", ["17"] = "udp", ["58"] = "ipv6-icmp", icmpv6 = "ipv6-icmp", any = "" }

--- A rule as one line of text; two rules with the same line let the same packets through.
local function line(rule, remote)
  local protocol = rule.protocol or ""
  return table.concat({
    rule.direction,
    rule.ethertype,
    PROTOCOLS[protocol] or protocol,
    tostring(rule.port_range_min or ""),
    tostring(rule.port_range_max or ""),
    rule.remote_ip_prefix or "",
    remote or "",
  }, " ")
end

function rules.needs(object)
  local needs, seen = { { kind = "security_group", id = object.id } }, { [object.id] = true }
  for _, rule in ipairs(object.security_group_rules) do
    local remote = rule.remote_group_id
    if remote and not seen[remote] then
      seen[remote] = true
      needs[#needs + 1] = { kind = "security_group", id = remote }
    end
  end
  return needs
end

--- The rules that the group ought to have at the target, by their line.
local function wanted(object, ctx)
  local by_line = {}
  for _, rule in ipairs(object.security_group_rules) do
    local remote = rule.remote_group_id and ctx:find_target("security_group", rule.remote_group_id)
    if remote or not rule.remote_group_id then
      by_line[line(rule, remote)] = { rule = rule, remote = remote }
    end
  end
  return by_line
end

local function present(group)
  local by_line = {}
  for _, rule in ipairs(group.security_group_rules) do
    by_line[line(rule, rule.remote_group_id)] = rule
  end
  return by_line
end

--- What is missing and what is too much, each sorted.
local function difference(object, group, ctx)
  local missing, extra = {}, {}
  local want, have = wanted(object, ctx), present(group)
  for key in pairs(want) do
    if not have[key] then
      missing[#missing + 1] = key
    end
  end
  for key in pairs(have) do
    if not want[key] then
      extra[#extra + 1] = key
    end
  end
  table.sort(missing)
  table.sort(extra)
  return missing, extra
end

local function in_words(object, group, ctx)
  local differs = {}
  local missing, extra = difference(object, group, ctx)
  for _, key in ipairs(missing) do
    differs[#differs + 1] = ("the rule '%s' is missing"):format(key)
  end
  for _, key in ipairs(extra) do
    differs[#differs + 1] = ("the rule '%s' is too much"):format(key)
  end
  return differs
end

function rules.match(object, ctx)
  local id = ctx:find_target("security_group", object.id)
  for _, group in ipairs(id and ctx:in_target_project("security_group", object.project_id) or {}) do
    if group.id == id then
      local differs = in_words(object, group, ctx)
      if #differs == 0 then
        return { state = "same", target_id = id, why = "the rules are equal" }
      end
      return { state = "conflict", target_id = id, differs = differs }
    end
  end
  return { state = "missing" }
end

function rules.demand(object)
  return { security_group_rule = #object.security_group_rules }
end

function rules.create(w, object, ctx)
  local id = ctx:target_id("security_group", object.id)
  -- Neutron refuses two equal rules, so a rule can be found again by what it says; the group goes with all of them when
  -- the run is undone.
  w:step("rules", {
    retry = 2,
    run = function()
      local group = ctx.target.network:security_group(id)
      local want, have = wanted(object, ctx), present(group)
      local missing, extra = difference(object, group, ctx)
      parallel(missing, { limit = 4 }, function(key)
        local rule = want[key].rule
        ctx.target.network:create_security_group_rule {
          security_group_id = id,
          direction = rule.direction,
          ethertype = rule.ethertype,
          protocol = rule.protocol,
          port_range_min = rule.port_range_min,
          port_range_max = rule.port_range_max,
          remote_ip_prefix = rule.remote_ip_prefix,
          remote_group_id = want[key].remote,
          description = rule.description,
        }
      end)
      parallel(extra, { limit = 4 }, function(key)
        ctx.target.network:security_group_rule(have[key].id):delete()
      end)
    end,
  })
  return { id = id }
end

function rules.verify(object, made, ctx)
  return in_words(object, ctx.target.network:security_group(made.id), ctx)
end

return rules
