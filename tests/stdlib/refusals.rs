//! What cannot work is refused before anything changes, with all reasons at once.

use moonferry::lua::Kind;

use super::Clouds;

/// Runs `migrate`, expects a refusal that says all the words, and that nothing changed.
async fn refused(clouds: &Clouds, flags: &[&str], words: &[&str]) {
    let before = clouds.states();
    let fault = match clouds.migrate(flags).await {
        Ok(outcome) => outcome.fault.unwrap_or_else(|| panic!("{flags:?} was not refused")),
        Err(fault) => fault,
    };
    assert_eq!(fault.kind, Kind::Refused, "{flags:?}: {}", fault.message);
    let text = format!("{} {}", fault.message, fault.hint.unwrap_or_default());
    for word in words {
        assert!(text.contains(word), "{flags:?}: '{word}' is not in: {text}");
    }
    assert_eq!(clouds.states(), before, "{flags:?} changed something");
}

#[tokio::test]
async fn a_selection_that_means_nothing_is_refused() {
    let clouds = Clouds::new();
    refused(&clouds, &[], &["nothing is selected", "--project"]).await;
    refused(&clouds, &["--project", "nope"], &["old has no project 'nope'"]).await;
    refused(&clouds, &["--server", "nope"], &["old has no server 'nope'"]).await;
    refused(&clouds, &["--select", "sever=x"], &["there is no kind 'sever'"]).await;
    refused(&clouds, &["--select", "server"], &["KIND=NAME_OR_ID"]).await;
    refused(&clouds, &["--project", "shop", "--where", "object.name =="], &["--where"]).await;
    refused(&clouds, &["--project", "shop", "--on-conflict", "flavor=burn"], &["fail, adopt or skip"]).await;
    refused(&clouds, &["--project", "shop", "--limits", "server=many"], &["no number"]).await;
    refused(&clouds, &["--project", "shop", "--admin-role", "boss"], &["not those of an administrator"]).await;
}

#[tokio::test]
async fn just_the_object_fails_on_all_that_is_missing() {
    let clouds = Clouds::new();
    let words = ["flavor 'm1.tiny' is missing", "--map-flavor m1.tiny=NAME", "project 'shop' is missing"];
    refused(&clouds, &["--no-deps", "--server", "web-1"], &words).await;
}

#[tokio::test]
async fn two_projects_of_one_name_are_told_apart() {
    let clouds = Clouds::new();
    clouds
        .script(
            r#"
            local old = cloud "old"
            local domain = old.identity:create_domain { name = "Other" }
            old.identity:create_project { name = "shop", domain_id = domain.id }
            "#,
        )
        .await;
    refused(&clouds, &["--project", "shop"], &["means several projects", "--domain"]).await;
    let outcome = clouds.migrate(&["--project", "shop", "--domain", "Other"]).await.unwrap();
    assert!(outcome.fault.is_none(), "{:?}", outcome.fault);
}

#[tokio::test]
async fn conflicts_quotas_and_overlaps_are_named_together() {
    let clouds = Clouds::new();
    clouds
        .script(
            r#"
            local new = cloud "new"
            local project = new.identity:create_project { name = "shop-2", domain_id = "default" }
            new.compute:create_flavor { id = "1", name = "m1.tiny", vcpus = 2, ram = 64, disk = 1 }
            local network = new.network:create_network { name = "other", project_id = project.id }
            new.network:create_subnet {
              network_id = network.id, project_id = project.id, ip_version = 4, cidr = "192.168.50.0/25", name = "old-front",
            }
            new.compute:set_quota { project = project.id, values = { instances = 2 } }
            "#,
        )
        .await;
    let words = [
        "flavor 'm1.tiny' is at new but differs: vcpus is 1 at the source and 2 at the target",
        "--on-conflict flavor=adopt",
        "overlaps subnet 'old-front'",
        "instances may be 2",
    ];
    refused(&clouds, &["--project", "shop", "--map-project", "shop=shop-2"], &words).await;
}

#[tokio::test]
async fn a_missing_external_network_is_named_with_its_map() {
    let clouds = Clouds::new();
    let words = ["--map-network public=nowhere", "is not at the target"];
    refused(&clouds, &["--project", "shop", "--map-network", "public=nowhere"], &words).await;
}
