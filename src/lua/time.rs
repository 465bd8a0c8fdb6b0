//! `time`: instants that subtract to seconds, compare, and print as RFC 3339.

use jiff::{SignedDuration, Timestamp};
use mlua::{FromLua, Lua, MetaMethod, UserData, UserDataFields, UserDataMethods, UserDataRef, Value};

use super::bind::duration;
use super::fault::{Fault, Kind};
use super::text::strict;
use crate::base;

/// An instant, as scripts hold it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Time(pub Timestamp);

impl Time {
    /// How long ago this was, in words: `3h 5m ago`.
    pub fn age(&self) -> String {
        let since = Timestamp::now().duration_since(self.0);
        let length = base::duration::format(since.unsigned_abs());
        if since.is_negative() { format!("in {length}") } else { format!("{length} ago") }
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        // OpenStack's services leave the zone away and mean UTC.
        let read = text.parse().or_else(|_| format!("{}Z", text.trim()).parse());
        read.map(Time).map_err(|_| {
            Fault::new(Kind::Invalid, format!("time.parse: {text:?} is no time")).hint("write 2026-01-31T12:00:00Z")
        })
    }

    fn from_unix(seconds: f64) -> Result<Self, Fault> {
        let read = SignedDuration::try_from_secs_f64(seconds).and_then(Timestamp::from_duration);
        read.map(Time).map_err(|_| Fault::new(Kind::Invalid, format!("time.unix: {seconds} is out of range")))
    }

    fn shift(&self, by: &Value, sign: f64) -> Result<Self, Fault> {
        // A difference of two times may be negative, a written duration not.
        let seconds = match by {
            Value::Integer(seconds) => *seconds as f64,
            Value::Number(seconds) => *seconds,
            other => duration(other)?.as_secs_f64(),
        };
        let moved = SignedDuration::try_from_secs_f64(seconds * sign).and_then(|by| self.0.checked_add(by));
        moved
            .map(Time)
            .map_err(|_| Fault::new(Kind::Invalid, format!("{seconds} seconds from {} is out of range", self.0)))
    }

    fn unix(&self) -> f64 {
        self.0.as_duration().as_secs_f64()
    }
}

impl UserData for Time {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_field_method_get("unix", |_, this| Ok(this.unix()));
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("format", |_, this, pattern: String| {
            let text = jiff::fmt::strtime::format(&pattern, &this.0.to_zoned(jiff::tz::TimeZone::UTC));
            text.map_err(|why| Fault::new(Kind::Invalid, format!("format: {why}")).into_lua())
        });
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(this.0.to_string()));
        methods.add_meta_method("__tojson", |_, this, ()| Ok(this.0.to_string()));
        methods.add_meta_method(MetaMethod::Eq, |_, this, other: UserDataRef<Time>| Ok(*this == *other));
        methods.add_meta_function(MetaMethod::Lt, |_, (a, b): (UserDataRef<Time>, UserDataRef<Time>)| Ok(*a < *b));
        methods.add_meta_function(MetaMethod::Le, |_, (a, b): (UserDataRef<Time>, UserDataRef<Time>)| Ok(*a <= *b));
        methods.add_meta_function(MetaMethod::Add, |lua, (a, b): (Value, Value)| {
            let (time, by) = if a.is_userdata() { (a, b) } else { (b, a) };
            UserDataRef::<Time>::from_lua(time, lua)?.shift(&by, 1.0).map_err(Fault::into_lua)
        });
        methods.add_meta_method(MetaMethod::Sub, |lua, this, by: Value| match by {
            Value::UserData(_) => {
                let other = UserDataRef::<Time>::from_lua(by, lua)?;
                Ok(Value::Number(this.0.duration_since(other.0).as_secs_f64()))
            }
            by => Ok(Value::UserData(lua.create_userdata(this.shift(&by, -1.0)?)?)),
        });
        methods.add_meta_method(MetaMethod::Index, |_, _, name: Value| -> mlua::Result<Value> {
            let name = name.to_string()?;
            let near = base::suggest::hint(&name, ["unix", "format"]);
            Err(Fault::new(Kind::Script, format!("Time has no field '{name}'{near}")).into_lua())
        });
        methods.add_meta_method(MetaMethod::NewIndex, |_, _, _: (Value, Value)| -> mlua::Result<()> {
            Err(Fault::new(Kind::Script, "a Time cannot be changed; add seconds to make another").into_lua())
        });
    }
}

/// Sets the global `time`.
pub(crate) fn install(lua: &Lua) -> mlua::Result<()> {
    let time = lua.create_table()?;
    time.raw_set("now", lua.create_function(|_, ()| Ok(Time(Timestamp::now())))?)?;
    time.raw_set("parse", lua.create_function(|_, text: String| Time::parse(&text).map_err(Fault::into_lua))?)?;
    time.raw_set("unix", lua.create_function(|_, seconds: f64| Time::from_unix(seconds).map_err(Fault::into_lua))?)?;
    time.set_metatable(Some(strict(lua, "time", &["now", "parse", "unix"])?))?;
    lua.globals().raw_set("time", time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openstack_times_without_a_zone_are_utc() {
        let (bare, zoned) = (Time::parse("2026-01-31T12:00:00.123456"), Time::parse("2026-01-31T12:00:00.123456Z"));
        assert_eq!(bare.unwrap(), zoned.unwrap());
        assert!(Time::parse("yesterday").is_err());
    }
}
