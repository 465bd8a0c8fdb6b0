//! Estates become clouds: small, empty, and large ones that take little room.

use moonferry::twin::{Estate, Size};

use super::Lab;

#[tokio::test]
async fn the_demo_estate_has_everything_a_migration_carries() {
    let lab = Lab::new(&Estate::small()).await;
    let servers = lab.get("/compute/v2.1/servers/detail?all_tenants=1").await.body["servers"].clone();
    let status =
        |name: &str| servers.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()["status"].clone();
    assert_eq!(
        (status("web-1"), status("batch"), status("cache")),
        ("ACTIVE".into(), "SHUTOFF".into(), "PAUSED".into())
    );
    let web = servers.as_array().unwrap().iter().find(|one| one["name"] == "web-1").unwrap();
    assert_eq!(web["addresses"]["front"][0]["addr"], "10.0.1.10");
    assert_eq!(web["addresses"]["front"][1]["OS-EXT-IPS:type"], "floating", "{web}");
    let db = servers.as_array().unwrap().iter().find(|one| one["name"] == "db").unwrap();
    assert_eq!(db["image"], "");
    assert_eq!(db["os-extended-volumes:volumes_attached"].as_array().unwrap().len(), 2);
    let volumes = lab.get("/volume/v3/volumes/detail?all_tenants=1").await.body;
    let in_use = volumes["volumes"].as_array().unwrap().iter().filter(|one| one["status"] == "in-use").count();
    assert_eq!(in_use, 2);
}

#[tokio::test]
async fn ten_thousand_servers_take_few_bytes() {
    let lab = Lab::new(&Estate::generate(Size { hosts: 200, servers: 10_000, projects: 50, seed: 1 })).await;
    assert_eq!(lab.twin.cloud().compute.servers.len(), 10_000);
    let page = lab.get("/compute/v2.1/servers/detail?all_tenants=1").await.body;
    assert_eq!(page["servers"].as_array().unwrap().len(), 1000);
    assert!(!lab.twin.data().join("hosts").exists(), "disks are made when somebody looks");
}

#[tokio::test]
async fn a_contradiction_is_named() {
    let estate = Estate::read("servers: [{name: web, flavor: none}]").unwrap();
    let data = tempfile::tempdir().unwrap();
    let options = moonferry::twin::Options { data: data.path().to_owned(), ..Default::default() };
    let error = moonferry::twin::Twin::start(options, &estate).unwrap_err();
    assert!(error.to_string().contains("server web: there is no flavor 'none'"), "{error}");
    assert!(Estate::read("servers: [{nam: web}]").unwrap_err().contains("nam"));
}
