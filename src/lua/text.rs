//! `fmt`: numbers as people read them.

use mlua::{Lua, Table, Value};

use super::bind::duration;
use super::fault::{Fault, Kind};
use super::time::Time;
use crate::base;

/// Sets the global `fmt`.
pub(crate) fn install(lua: &Lua) -> mlua::Result<()> {
    let fmt = lua.create_table()?;
    fmt.raw_set("bytes", lua.create_function(|_, count: f64| Ok(base::size::format(count.max(0.0) as u64)))?)?;
    fmt.raw_set(
        "rate",
        lua.create_function(|_, count: f64| Ok(format!("{}/s", base::size::format(count.max(0.0) as u64))))?,
    )?;
    fmt.raw_set("duration", lua.create_function(|_, value: Value| Ok(base::duration::format(duration(&value)?)))?)?;
    fmt.raw_set("count", lua.create_function(|_, count: i64| Ok(thousands(count)))?)?;
    fmt.raw_set(
        "percent",
        lua.create_function(|_, (part, whole): (f64, f64)| {
            Ok(if whole == 0.0 { "–".to_owned() } else { format!("{:.0}%", part * 100.0 / whole) })
        })?,
    )?;
    fmt.raw_set("age", lua.create_function(|_, time: mlua::UserDataRef<Time>| Ok(time.age()))?)?;
    fmt.set_metatable(Some(strict(lua, "fmt", &["bytes", "rate", "duration", "count", "percent", "age"])?))?;
    lua.globals().raw_set("fmt", fmt)
}

/// The metatable of a namespace that knows all its names: another one is an error with a suggestion.
pub(crate) fn strict(lua: &Lua, namespace: &'static str, names: &'static [&'static str]) -> mlua::Result<Table> {
    let meta = lua.create_table()?;
    meta.raw_set(
        "__index",
        lua.create_function(move |_, (_, name): (Value, Value)| -> mlua::Result<Value> {
            let name = name.to_string()?;
            let near = base::suggest::hint(&name, names.iter().copied());
            let hint = format!("{namespace} has {}", names.join(", "));
            Err(Fault::new(Kind::Script, format!("{namespace} has no '{name}'{near}")).hint(hint).into_lua())
        })?,
    )?;
    Ok(meta)
}

fn thousands(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut text = if count < 0 { String::from("-") } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            (thousands(0), thousands(999), thousands(-1_234_567)),
            ("0".into(), "999".into(), "-1,234,567".into())
        );
        assert_eq!(thousands(i64::MIN), "-9,223,372,036,854,775,808");
    }
}
