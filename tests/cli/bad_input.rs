use super::Home;

#[test]
fn a_script_that_does_not_parse_is_named_with_its_line() {
    let home = Home::new();
    home.write("bad.lua", "local x = 1\nreturn x +\n");
    home.run(&["run", "./bad.lua"]).ends(2, "bad.lua:");
    home.run(&["run", "./missing.lua"]).ends(2, "missing.lua cannot be read");
}

#[test]
fn a_site_that_does_not_parse_stops_everything_but_the_doctor() {
    let home = Home::site("return { source = \n");
    home.run(&["run", "discover", "--cloud", "old"]).ends(2, "site/site.lua");
    assert!(home.run(&["doctor"]).ends(1, "").out.contains("site.lua"));
    Home::site("return { sorce = 'old' }").run(&["run", "discover"]).ends(2, "did you mean 'source'?");
    home.run(&["--site", "nowhere", "run"]).ends(2, "no such directory");
}

#[test]
fn an_unknown_cloud_changes_nothing() {
    let home = Home::new();
    home.write("clouds.yaml", "clouds: { older: { auth: { auth_url: http://127.0.0.1:9 } } }");
    let ended = home.run(&["discover", "oldr"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("did you mean 'older'?"), "{ended:?}");
    home.run(&["doctor", "oldr"]).ends(2, "did you mean 'older'?");
    home.run(&["doctor"]).ends(1, "");
}

#[test]
fn a_journal_that_cannot_be_opened_is_named() {
    let home = Home::new();
    home.write("w.lua", "return workflow.define{ name = 'w', summary = 's', run = function() end }");
    home.write("file", "");
    home.run(&["--journal", "file/journal.db", "run", "./w.lua"]).ends(1, "file/journal.db");
    home.write("text.db", "this is no database, whatever its name says");
    home.run(&["--journal", "text.db", "runs"]).ends(1, "text.db");
    home.run(&["--journal", "mysql://db/x", "runs"]).ends(2, "sqlite:PATH");
    home.run(&["show", "0abc"]).ends(2, "no run '0abc'");
}

#[test]
fn a_wrong_option_or_field_is_named_with_the_script_line() {
    let home = Home::new();
    home.write("option.lua", "\nparallel({}, { limt = 3 }, function() end)");
    let ended = home.run(&["run", "./option.lua"]).ends(2, "did you mean 'limit'?");
    assert!(ended.err.contains("option.lua:2"), "{ended:?}");
    home.write("name.lua", "pritn('x')");
    home.run(&["run", "./name.lua"]).ends(2, "did you mean 'print'?");
}
