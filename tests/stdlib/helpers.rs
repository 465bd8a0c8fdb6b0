//! The pure helpers of the stdlib, by scripts that assert.

use super::Clouds;

#[tokio::test]
async fn ranges_of_addresses_are_compared() {
    let script = r#"
        local cidr = require "cidr"
        assert(cidr.overlap("10.0.0.0/16", "10.0.4.0/24"))
        assert(cidr.overlap("0.0.0.0/0", "10.0.1.0/24"))
        assert(not cidr.overlap("10.0.0.0/24", "10.0.1.0/24"))
        assert(not cidr.overlap("10.0.0.0/8", "fd00::/8"))
        assert(cidr.overlap("fd00::/8", "fd12:3456::/32"))
        assert(not cidr.overlap("2001:db8:1::/48", "2001:db8:2::/48"))
        assert(cidr.holds("10.0.0.0/24", "10.0.0.255"))
        assert(not cidr.holds("10.0.0.0/24", "10.0.1.5"))
        assert(cidr.holds("2001:db8::/64", "2001:db8::1"))
    "#;
    Clouds::new().script(script).await;
}

#[tokio::test]
async fn absent_and_empty_are_equal_and_order_of_lists_is_not() {
    let script = r#"
        local compare = require "compare"
        assert(compare.equal(nil, "") and compare.equal({}, nil) and compare.equal({ a = 1, b = {} }, { a = 1 }))
        assert(not compare.equal({ 1, 2 }, { 2, 1 }) and not compare.equal({ 1 }, { 1, 2 }))
        local differs = compare.fields({ cidr = "a" }, { cidr = "b" }, { "cidr" })
        assert(differs[1] == "cidr is a at the source and b at the target", differs[1])
    "#;
    Clouds::new().script(script).await;
}

#[tokio::test]
async fn marks_are_added_found_and_taken_off() {
    let script = r#"
        local mark = require "mark"
        local tags = mark.tags({ "blue", "moonferry:older:run" }, "moonferry:r:s", "id-1")
        assert(#tags == 3 and mark.source_of(tags) == "id-1" and mark.has(tags, "moonferry:r:s"))
        assert(#mark.plain_tags(tags) == 1)
        local metadata = mark.metadata({ role = "web", moonferry_migrated_to = "x" }, "t", "id-1")
        assert(metadata.role == "web" and metadata.moonferry_source == "id-1" and not metadata.moonferry_migrated_to)
    "#;
    Clouds::new().script(script).await;
}
