//! `moonferry twin`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use tokio_util::sync::CancellationToken;

use crate::lua::fault::{Fault, Kind};
use crate::twin::estate::{Estate, Size};
use crate::twin::{Error, Options, Release, Twin};

use super::context::Context;
use super::exit::Exit;
use super::interrupt;

const EXAMPLES: &str = "\
Examples:
  moonferry twin up                              two small twins; leave it running
  moonferry discover old                         in another terminal, same folder
  moonferry twin up --hosts 50 --servers 1000    a source of that size";

/// Serve twins: simulated clouds to try things on
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Up(Up),
}

/// Serve two twins until Ctrl-C, and write a clouds.yaml for them
///
/// The first is a source with a project to move, the second an empty target of a later release.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
struct Up {
    /// The hypervisors of the source [default: a small estate]
    #[arg(long, value_name = "N")]
    hosts: Option<usize>,
    /// The servers of the source [default: a small estate]
    #[arg(long, value_name = "N")]
    servers: Option<usize>,
    /// Where to write clouds.yaml; a file that another hand wrote is left alone
    #[arg(long, value_name = "FILE", default_value = "clouds.yaml")]
    clouds: PathBuf,
    /// What the twins are called in it
    #[arg(long, value_name = "NAME,NAME", default_values = ["old", "new"], value_delimiter = ',', num_args = 1)]
    names: Vec<String>,
    /// The first one's port, the second takes the next [default: free ones]
    #[arg(long)]
    port: Option<u16>,
    /// Where image and volume bytes are kept [default: a folder that is removed at the end]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How many times faster than in life servers boot and volumes copy
    #[arg(long, default_value_t = 20.0)]
    speed: f64,
}

/// The first line of a clouds.yaml that may be written over.
const OURS: &str = "# written by `moonferry twin up`; gone when it ends";

/// Serves them.
pub async fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    let What::Up(up) = args.command;
    let [source, target] = up.names.as_slice() else {
        return Err(Fault::new(Kind::Invalid, "--names takes two names: --names old,new"));
    };
    free(&up.clouds)?;
    let folder = Folder::new(up.data.clone())?;
    let estate = estate(&up);
    let twins = [
        start(source, Release::Zed, &estate, &up, &folder, 0)?,
        start(target, Release::Current, &Estate::empty(), &up, &folder, 1)?,
    ];
    write(&up.clouds, &clouds_yaml(&twins))?;
    let terminal = &context.terminal;
    for (name, twin) in up.names.iter().zip(&twins) {
        terminal.note(&format!("serving {name} at {}", twin.auth_url()));
    }
    terminal.note(&format!("wrote {}; try: moonferry discover {source}   (Ctrl-C ends)", up.clouds.display()));
    let cancel = CancellationToken::new();
    let watch = interrupt::watch(terminal, None, &cancel);
    cancel.cancelled().await;
    drop(watch);
    let _ = fs::remove_file(&up.clouds);
    Ok(Exit::Done)
}

fn estate(up: &Up) -> Estate {
    if up.hosts.is_none() && up.servers.is_none() {
        return Estate::small();
    }
    let servers = up.servers.unwrap_or(20);
    let hosts = up.hosts.unwrap_or(servers.div_ceil(20).max(1));
    Estate::generate(Size { hosts, servers, projects: servers.div_ceil(50).max(1), seed: 1 })
}

fn start(name: &str, release: Release, estate: &Estate, up: &Up, folder: &Folder, index: u16) -> Result<Twin, Fault> {
    let port = up.port.map_or(0, |port| port.saturating_add(index));
    let options = Options {
        name: name.to_owned(),
        release,
        bind: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
        data: folder.path().join(name),
        speed: up.speed,
        seed: u64::from(index) + 1,
        ..Options::default()
    };
    Twin::start(options, estate).map_err(fault)
}

/// A twin that did not start, as a fault.
pub fn fault(error: Error) -> Fault {
    let hint = match &error {
        Error::Bind { .. } => "leave --port out to take free ones",
        Error::Data { .. } => "give a folder of your own with --data",
        Error::Estate { .. } => "this is a mistake of the program",
    };
    Fault::new(Kind::Invalid, error.to_string()).hint(hint)
}

/// The clouds.yaml of some twins.
pub fn clouds_yaml(twins: &[Twin]) -> String {
    let entries: String = twins.iter().map(Twin::clouds_yaml).collect();
    format!("{OURS}\nclouds:\n{entries}")
}

/// Refuses to write over what somebody else wrote: it may hold the only copy of a password.
fn free(file: &Path) -> Result<(), Fault> {
    match fs::read_to_string(file) {
        Ok(text) if text.starts_with(OURS) => Ok(()),
        Ok(_) => Err(Fault::new(
            Kind::Refused,
            format!("{} exists and is not from an earlier `twin up`", file.display()),
        )
        .hint(
            "go to another folder, or give another file: --clouds twins.yaml (then set OS_CLIENT_CONFIG_FILE to it)",
        )),
        Err(_) => Ok(()),
    }
}

/// Writes a file that only its owner can read.
pub fn write(file: &Path, text: &str) -> Result<(), Fault> {
    let written = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|cause| Fault::new(Kind::Invalid, format!("{} cannot be written: {cause}", file.display())))
}

/// A folder for the twins' bytes, removed at the end unless the operator named it.
pub struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    /// Takes the operator's folder, or makes one.
    pub fn new(given: Option<PathBuf>) -> Result<Self, Fault> {
        if let Some(path) = given {
            return Ok(Self { path, temporary: false });
        }
        let path = std::env::temp_dir().join(format!("moonferry-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(&path)
            .map_err(|cause| Fault::new(Kind::Invalid, format!("{} cannot be made: {cause}", path.display())))?;
        Ok(Self { path, temporary: true })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
