use super::Home;

#[test]
fn without_arguments_the_help_is_shown() {
    let ended = Home::new().run(&[]).ends(2, "Usage: moonferry");
    for command in
        ["run", "plan", "resume", "undo", "runs", "show", "ids", "discover", "doctor", "repl", "twin", "demo"]
    {
        assert!(ended.err.contains(&format!("\n  {command} ")), "{command}");
    }
}

#[test]
fn every_command_has_help_with_examples() {
    let home = Home::new();
    for command in ["run", "plan", "resume", "undo", "runs", "show", "ids", "discover", "doctor", "repl", "completions"]
    {
        let ended = home.run(&[command, "--help"]).ends(0, "");
        assert!(ended.out.contains("Examples:\n  "), "{command}: {}", ended.out);
    }
}

#[test]
fn slips_are_answered_with_the_word_meant() {
    let home = Home::new();
    home.run(&["resum", "x"]).ends(2, "'resume'");
    home.run(&["runs", "--statsu", "done"]).ends(2, "'--status'");
    home.run(&["run", "migrat"]).ends(2, "did you mean 'migrate'?");
    home.run(&["run", "migrate", "--sorce", "old"]).ends(2, "did you mean '--source'?");
    home.run(&["run", "migrate", "-f", "yaml"]).ends(2, "table or json");
}

#[test]
fn a_workflow_has_help_of_its_own() {
    let home = Home::new();
    let ended = home.run(&["run", "migrate", "--help"]).ends(0, "");
    for text in ["Usage: moonferry run migrate", "--source VALUE", "--on-conflict KEY=VALUE", "Examples:"] {
        assert!(ended.out.contains(text), "{text}: {}", ended.out);
    }
    let list = home.run(&["run"]).ends(0, "");
    assert!(list.out.contains("migrate") && list.out.contains("discover"));
    assert!(home.json(&["run", "-f", "json"])["workflows"].as_array().unwrap().len() >= 2);
}

#[test]
fn completions_know_the_commands() {
    let ended = Home::new().run(&["completions", "bash"]).ends(0, "");
    assert!(ended.out.contains("doctor") && ended.out.contains("--accept-changes"));
}

#[test]
fn nothing_that_is_piped_has_colours() {
    let home = Home::new();
    for words in [&["doctor"][..], &["run", "nope"], &["--help"], &["run"]] {
        let ended = home.run(words);
        assert!(!ended.out.contains('\x1b') && !ended.err.contains('\x1b'), "{ended:?}");
    }
}
