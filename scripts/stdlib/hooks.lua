return { ["object.before"] = { doc = "x" } }
