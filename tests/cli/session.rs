use super::Home;

#[test]
fn a_session_evaluates_what_is_piped_in() {
    let home = Home::new();
    let text =
        "1 + 1\nlocal x = 20\nx + 1\n_ * 2\nfor i = 1, 2 do\n  print(i)\nend\n{ { name = 'a' } }\nsleep '10ms'\n";
    let ended = home.type_in(&["repl"], text).ends(0, "");
    assert_eq!(ended.out, "2\n21\n42\n1\n2\nname\n─────\na\n", "{ended:?}");
}

#[test]
fn the_first_error_ends_it() {
    let home = Home::new();
    let ended =
        home.type_in(&["repl"], "fail { kind = 'conflict', message = 'no' }\nprint 'never'\n").ends(1, "conflict: no");
    assert_eq!(ended.out, "");
    home.type_in(&["repl"], "x = (\n").ends(1, "error:");
    home.type_in(&["repl", "nope"], "").ends(2, "nope");
}
