//! Everything on this machine: a private Postgres, a server, the sample guild, and two laptops
//! with their own profiles. What is started stays until it is stopped; the data stays longer.

use crate::app;
use crate::commands::session::{self, SignInWish};
use crate::failure::{Code, Failure};
use crate::sample::{self, GUILD};
use guildhall_local::link::sign_in::Wish;
use guildhall_local::store::FILE_NAME;
use guildhall_server::admin;
use guildhall_server::auth::password::PasswordCost;
use guildhall_server::cluster::{Binaries, Cluster, ClusterOptions, folder_for};
use guildhall_server::db::{Database, DatabaseOptions};
use guildhall_server::{clock, migrate};
use guildhall_sync::id::{GuildId, UserId};
use process::Background;
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

mod process;
pub mod secrets;
pub mod walk;

/// The two laptops: the folder of the profile, and who works at it.
pub const LAPTOPS: [(&str, &str); 2] = [("ana", "Ana"), ("ben", "Ben")];
const DATABASE: &str = "guildhall";
const OPTIONS: ClusterOptions = ClusterOptions { durable: true, max_connections: 60 };

/// A demo in its folder.
#[derive(Debug)]
pub struct Demo {
    pub folder: PathBuf,
}

/// A laptop of the demo.
#[derive(Clone, Debug)]
pub struct Laptop {
    pub dir: PathBuf,
    pub password_file: PathBuf,
    /// The name in the sample.
    pub person: &'static str,
}

impl Laptop {
    pub fn first_name(&self) -> &'static str {
        LAPTOPS.iter().find(|(person, _)| *person == self.person).map_or(self.person, |(_, name)| *name)
    }
}

impl Demo {
    pub fn at(folder: Option<PathBuf>) -> Result<Self, Failure> {
        let folder = match folder {
            Some(folder) => std::path::absolute(folder).map_err(Failure::fault)?,
            None => folder_for("demo").map_err(Failure::fault)?,
        };
        Ok(Self { folder })
    }

    /// What commands about this demo have to say where it is not in its usual place.
    pub fn option(&self) -> String {
        match folder_for("demo") {
            Ok(usual) if usual == self.folder => String::new(),
            _ => format!(" --folder {}", self.folder.display()),
        }
    }

    pub fn laptops(&self) -> [Laptop; 2] {
        LAPTOPS.map(|(name, _)| Laptop {
            dir: self.folder.join(name),
            password_file: self.folder.join(format!("{name}.password")),
            person: name,
        })
    }

    /// Starts what does not run: database, server, laptops with their watchers.
    pub fn start(&self, note: &dyn Fn(&str)) -> Result<(), Failure> {
        std::fs::create_dir_all(&self.folder).map_err(Failure::fault)?;
        note("Starting Postgres …");
        let url = self.start_database()?;
        let runtime = app::runtime()?;
        runtime.block_on(self.prepare_guild(&url, note))?;
        note("Starting the server …");
        self.start_server()?;
        for laptop in self.laptops() {
            self.prepare_laptop(&runtime, &laptop, note)?;
            self.start_watcher(&laptop)?;
        }
        Ok(())
    }

    pub fn stop(&self) -> Result<(), Failure> {
        for laptop in self.laptops() {
            self.watcher(&laptop).stop()?;
        }
        self.server().stop()?;
        let binaries = Binaries::find().map_err(Failure::fault)?;
        match Cluster::attach(&binaries, &self.cluster_folder(), OPTIONS) {
            Ok(cluster) => cluster.stop().map_err(Failure::fault),
            Err(guildhall_server::cluster::ClusterError::NotRunning { .. }) => Ok(()),
            Err(error) => Err(Failure::fault(error)),
        }
    }

    pub fn remove(&self) -> Result<(), Failure> {
        std::fs::remove_dir_all(&self.folder).map_err(Failure::fault)
    }

    pub fn start_server(&self) -> Result<(), Failure> {
        let url = self.database_url()?;
        let address = self.address()?;
        let server = self.server();
        let state = self.folder.join("server-state");
        let state = state.to_string_lossy();
        server.start(&["serve", "--database-url", &url, "--listen", &address, "--state-folder", &state])?;
        let wire = guildhall_local::link::wire::Wire::new(&format!("http://{address}"), None)?;
        app::runtime()?.block_on(async {
            for _ in 0..PATIENCE {
                if wire.is_reachable().await {
                    return Ok(());
                }
                if !server.is_running()? {
                    break;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
            let message = format!("The server did not start; see {}.", server.log().display());
            Err(Failure::new(Code::Fault, message))
        })
    }

    pub fn stop_server(&self) -> Result<(), Failure> {
        self.server().stop()
    }

    /// Where the server is; chosen once, so that the laptops find it again.
    pub fn address(&self) -> Result<String, Failure> {
        let file = self.folder.join("address");
        if let Ok(address) = std::fs::read_to_string(&file) {
            return Ok(address.trim().to_owned());
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let address = free.map_err(Failure::fault)?.to_string();
        std::fs::write(&file, &address).map_err(Failure::fault)?;
        Ok(address)
    }

    pub fn database_url(&self) -> Result<String, Failure> {
        let binaries = Binaries::find().map_err(Failure::fault)?;
        let cluster = Cluster::attach(&binaries, &self.cluster_folder(), OPTIONS).map_err(|_| {
            Failure::new(Code::NotFound, "The demo does not run.")
                .hint("Start it with `guildhall demo start`.")
        })?;
        Ok(cluster.url(DATABASE))
    }

    fn start_database(&self) -> Result<String, Failure> {
        if let Ok(url) = self.database_url() {
            return Ok(url);
        }
        let binaries = Binaries::find().map_err(|error| {
            Failure::fault(error).hint("Run `scripts/setup` once: it fetches a private Postgres.")
        })?;
        let cluster = Cluster::start(&binaries, &self.cluster_folder(), OPTIONS).map_err(Failure::fault)?;
        let created = app::runtime()?.block_on(cluster.create_database(DATABASE));
        let url = cluster.url(DATABASE);
        cluster.leave_running();
        // It is there already from the last time.
        created.or_else(|error| if error.is_duplicate() { Ok(()) } else { Err(Failure::fault(error)) })?;
        Ok(url)
    }

    /// Brings the schema up, and the sample guild in where it is not yet.
    async fn prepare_guild(&self, url: &str, note: &dyn Fn(&str)) -> Result<(), Failure> {
        migrate::migrate_at(url).await.map_err(Failure::fault)?;
        let database = Database::connect(url, DatabaseOptions::default()).await?;
        if admin::get_guild(&database, GUILD).await.is_ok() {
            return Ok(());
        }
        note("Bringing the sample guild in …");
        let guild = GuildId(guildhall_server::random::id());
        let rows = sample::rows(guild, clock::now()).map_err(Failure::fault)?;
        admin::insert_rows(&database, guild, &rows, "demo").await?;
        for laptop in self.laptops() {
            let password = secrets::make(&laptop.password_file)?;
            let user = UserId(sample::id_of(guild, "users", laptop.person));
            admin::new_password(&database, guild, user, password, PasswordCost::default()).await?;
        }
        Ok(())
    }

    fn prepare_laptop(&self, runtime: &Runtime, laptop: &Laptop, note: &dyn Fn(&str)) -> Result<(), Failure> {
        if laptop.dir.join(FILE_NAME).exists() {
            return Ok(());
        }
        let first_name = laptop.first_name();
        note(&format!("{first_name}'s laptop signs in and fetches what is hers or his …"));
        let wish = SignInWish {
            server: format!("http://{}", self.address()?),
            ca_file: None,
            wish: Wish {
                guild: GUILD.to_owned(),
                login: sample::name_of("users", laptop.person).map_err(Failure::fault)?,
                password: secrets::read(&laptop.password_file)?,
                device_name: format!("{first_name}'s laptop"),
            },
            use_keyring: false,
        };
        runtime.block_on(async {
            let (app, _) = session::sign_in(&laptop.dir, wish).await?;
            session::sync(&app, |_| {}).await.map(drop)
        })
    }

    pub fn start_watcher(&self, laptop: &Laptop) -> Result<(), Failure> {
        let (dir, password_file) = (path_text(&laptop.dir)?, path_text(&laptop.password_file)?);
        self.watcher(laptop).start(&["--profile", dir, "--password-file", password_file, "sync", "--watch"])
    }

    /// Leaves the link of a laptop to somebody else.
    #[cfg(feature = "desktop")]
    pub fn stop_watcher(&self, laptop: &Laptop) -> Result<(), Failure> {
        self.watcher(laptop).stop()
    }

    fn watcher(&self, laptop: &Laptop) -> Background {
        Background::new(&self.folder, &format!("{}-sync", laptop.person))
    }

    fn server(&self) -> Background {
        Background::new(&self.folder, "server")
    }

    fn cluster_folder(&self) -> PathBuf {
        self.folder.join("postgres")
    }
}

/// Looks at a server that starts: so many, and so far apart.
const PATIENCE: usize = 200;
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(50);

pub fn path_text(path: &Path) -> Result<&str, Failure> {
    path.to_str()
        .ok_or_else(|| Failure::new(Code::BadRequest, format!("{} is not a plain path.", path.display())))
}
