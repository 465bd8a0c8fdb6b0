//! A site adds hooks, maps and kinds of its own.

use moonferry::journal::RunStatus;

use super::{Clouds, results};

#[tokio::test]
async fn a_site_changes_options_and_rejects_a_copy() {
    let clouds = Clouds::new();
    clouds.file(
        "hooks.lua",
        r#"
        hooks.on("server.options", function(p)
          p.options.metadata.moved_by = "night shift"
          return p
        end)
        hooks.on("server.verify", function(p)
          if p.name == "web-2" then
            fail { kind = "unavailable", message = "web-2 does not answer" }
          end
        end)
        "#,
    );
    let outcome = clouds.migrate(&["--project", "shop", "--only", "server", "--name", "web-*"]).await.unwrap();
    assert_eq!(outcome.status, RunStatus::Failed);
    assert_eq!(results(&outcome, "server"), ["web-1 done", "web-2 failed"]);
    let target = clouds.target.snapshot().to_string();
    assert!(target.contains("night shift"));
    let running =
        "local s = cloud('old').compute:server('web-2', { all_projects = true }) assert(s.status == 'ACTIVE')";
    clouds.script(running).await;
}

#[tokio::test]
async fn a_kind_of_the_sites_own_moves_with_the_project() {
    let clouds = Clouds::new();
    clouds.file("site.lua", "return { inputs = { migrate = { kinds = { 'note' } } } }");
    clouds.file(
        "resources/note.lua",
        r#"
        local note = { kind = "note", service = "compute", in_project = true }
        function note.list(_, scope) return { { id = "n1", name = "a note", project = scope.project } } end
        function note.get(_, id) return { id = id, name = "a note" } end
        function note.needs(object) return { { kind = "project", id = object.project } } end
        function note.match() return { state = "missing" } end
        function note.create(w) return w:step("write", function() return { id = "written" } end) end
        return note
        "#,
    );
    let outcome = clouds.migrate(&["--project", "shop", "--only", "note"]).await.unwrap();
    assert_eq!(outcome.status, RunStatus::Done, "{:?}", outcome.fault);
    assert_eq!(results(&outcome, "note"), ["a note done"]);
    assert_eq!(results(&outcome, "project"), ["shop done"]);
}
