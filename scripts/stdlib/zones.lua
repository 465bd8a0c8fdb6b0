--- Availability zones: which one of the target stands for one of the source.
---
--- The map decides (`--map-availability-zone az1=east`; an empty name lets the target choose), then the same name. The
--- zone "nova" is what clouds without zones call the only one they have, so where it is missing the target chooses.
---
--- @since 0.1
---
--- Example:
---   local zone, problem = zones.at_target(ctx, "compute", server.availability_zone)

local zones = {}

local function names(ctx, service)
  return ctx.at_target:once("zones of " .. service, function()
    local found = {}
    if service == "compute" then
      for zone in ctx.target.compute:availability_zones() do
        found[zone.name] = zone.available
      end
    else
      local answer = ctx.target:request { service = service, path = "/os-availability-zone" }
      for _, zone in ipairs(answer.availabilityZoneInfo) do
        found[zone.zoneName] = zone.zoneState.available
      end
    end
    return found
  end)
end

--- The zone of the target, nil where the target shall choose; and what is wrong, where there is no such zone.
function zones.at_target(ctx, service, zone)
  if not zone or zone == "" then
    return nil
  end
  local mapped = ctx:mapped("availability_zone", zone)
  if mapped == "" then
    return nil
  end
  local wanted = mapped or zone
  if names(ctx, service)[wanted] then
    return wanted
  end
  if zone == "nova" and not mapped then
    return nil
  end
  return nil, ("the availability zone '%s' is not at %s"):format(wanted, ctx.target.name)
end

return zones
