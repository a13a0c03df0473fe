//! What differs between systems, in one place: the display, the tray, the global key, and where a
//! second start finds the first. Linux is where this is tried; elsewhere it keeps to the plain way.

use crate::failure::Failure;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the first window says to a second start, after it has shown itself.
const SHOWN: u8 = b'+';

#[cfg(target_os = "linux")]
pub use linux::{no_hotkey, prepare, watch_tray};
#[cfg(target_os = "macos")]
pub use macos::{chosen, set_menu};
#[cfg(windows)]
pub use pipe::{Door, meeting_folder};
#[cfg(not(target_os = "linux"))]
pub use plain::{no_hotkey, prepare, watch_tray};
#[cfg(unix)]
pub use socket::{Door, meeting_folder};

/// Whether the window at this place heard us.
pub async fn knock(place: &Path) -> bool {
    let Ok(mut door) = Door::find(place).await else { return false };
    matches!(door.read_u8().await, Ok(SHOWN))
}

/// Somebody who started Guildhall a second time, and waits.
#[derive(Debug)]
pub struct Visit<S>(S);

impl<S: AsyncWriteExt + Unpin> Visit<S> {
    pub async fn answer(mut self) {
        // Who has left in the meantime needs no answer.
        self.0.write_u8(SHOWN).await.ok();
    }
}

/// Whether there is a place on the desktop in which an icon is seen. It may come and go.
#[derive(Clone, Debug, Default)]
pub struct TrayPlace(Arc<AtomicBool>);

impl TrayPlace {
    pub fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, is_there: bool) {
        self.0.store(is_there, Ordering::Relaxed);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::TrayPlace;
    use crate::failure::Failure;
    use gtk::gio;
    use gtk::glib::ToVariant;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    const NO_DMABUF: (&str, &str) = ("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    const SAFE: [(&str, &str); 3] =
        [NO_DMABUF, ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"), ("LIBGL_ALWAYS_SOFTWARE", "1")];
    /// Where desktops that have a tray announce it.
    const TRAY: &str = "org.kde.StatusNotifierWatcher";
    const BUS: &str = "org.freedesktop.DBus";
    const PATIENCE_MS: i32 = 1_000;

    /// Sees to a display, and to the environment in which WebKit can draw on it. GTK reads that
    /// once, so the program starts itself anew where something is missing.
    pub fn prepare(safe_mode: bool) -> Result<(), Failure> {
        if !has("WAYLAND_DISPLAY") && !has("DISPLAY") {
            return Err(no_display("There is no display here for a window."));
        }
        let missing: Vec<_> =
            needed(safe_mode, draws_badly()).iter().filter(|(name, _)| !has(name)).collect();
        if !missing.is_empty() {
            let program = std::env::current_exe().map_err(Failure::fault)?;
            let mut again = Command::new(program);
            again.args(std::env::args_os().skip(1)).envs(missing.into_iter().copied());
            return Err(Failure::fault(again.exec()));
        }
        gtk::init().map_err(|_| no_display("The display does not answer."))
    }

    fn no_display(message: &str) -> Failure {
        Failure::fault(message)
            .hint("All that needs no window works in the terminal: `guildhall --help` lists it.")
    }

    fn has(name: &str) -> bool {
        std::env::var_os(name).is_some_and(|value| !value.is_empty())
    }

    fn needed(safe_mode: bool, draws_badly: bool) -> &'static [(&'static str, &'static str)] {
        match (safe_mode, draws_badly) {
            (true, _) => &SAFE,
            (false, true) => &SAFE[..1],
            (false, false) => &[],
        }
    }

    /// WebKit's way of handing pictures to the graphics card leaves the window blank with NVIDIA's
    /// own driver, and where there is no card.
    fn draws_badly() -> bool {
        let is_card = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b"renderD");
        let has_card = || {
            let devices = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
            devices.map(|device| device.file_name()).any(|name| is_card(&name))
        };
        std::path::Path::new("/sys/module/nvidia").exists() || !has_card()
    }

    /// Why no key can be had from everywhere, where that is known beforehand.
    pub fn no_hotkey() -> Option<&'static str> {
        has("WAYLAND_DISPLAY").then_some(
            "Wayland gives no program a key everywhere. In the settings of the desktop, give a key of your own to `guildhall`.",
        )
    }

    /// None without a session bus, on which every tray is announced. GTK's own way of watching a
    /// name panics where the bus goes away, so its signal is heard here.
    pub fn watch_tray(changed: impl Fn(bool) + Send + Sync + 'static) -> Option<TrayPlace> {
        let bus = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE).ok()?;
        let place = TrayPlace::default();
        let tell = {
            let place = place.clone();
            move |is_there: bool| {
                place.set(is_there);
                changed(is_there);
            }
        };
        tell(has_owner(&bus));
        bus.signal_subscribe(
            Some(BUS),
            Some(BUS),
            Some("NameOwnerChanged"),
            None,
            Some(TRAY),
            gio::DBusSignalFlags::NONE,
            move |_, _, _, _, _, what| {
                let (_, _, owner) = what.get::<(String, String, String)>().unwrap_or_default();
                tell(!owner.is_empty());
            },
        );
        Some(place)
    }

    fn has_owner(bus: &gio::DBusConnection) -> bool {
        let name = Some((TRAY,).to_variant());
        let (path, none) = ("/org/freedesktop/DBus", gio::Cancellable::NONE);
        let flags = gio::DBusCallFlags::NONE;
        let answer = bus.call_sync(
            Some(BUS),
            path,
            BUS,
            "NameHasOwner",
            name.as_ref(),
            None,
            flags,
            PATIENCE_MS,
            none,
        );
        answer.ok().and_then(|answer| answer.get::<(bool,)>()).is_some_and(|(has_owner,)| has_owner)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn safe_mode_draws_without_the_graphics_card_and_others_do_where_it_would_stay_blank() {
            let names = |safe, badly| needed(safe, badly).iter().map(|(name, _)| *name).collect::<Vec<_>>();
            assert!(names(false, false).is_empty());
            assert_eq!(names(false, true), ["WEBKIT_DISABLE_DMABUF_RENDERER"]);
            assert_eq!(names(true, false).len(), 3);
            assert_eq!(names(true, false), names(true, true));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod plain {
    use super::TrayPlace;
    use crate::failure::Failure;

    pub fn prepare(_safe_mode: bool) -> Result<(), Failure> {
        Ok(())
    }

    pub fn no_hotkey() -> Option<&'static str> {
        None
    }

    pub fn watch_tray(changed: impl Fn(bool)) -> Option<TrayPlace> {
        let place = TrayPlace::default();
        place.set(true);
        changed(true);
        Some(place)
    }
}

/// Only here do all programs have a menu above their windows.
#[cfg(target_os = "macos")]
mod macos {
    use crate::events::Act;
    use tauri::menu::{Menu, MenuItem, Submenu};

    const ENTRIES: [(&str, &str, Act); 3] = [
        ("go_home", "Home", Act::Home),
        ("go_sync_centre", "Sync centre", Act::SyncCentre),
        ("go_keys", "Keys", Act::Keys),
    ];

    pub fn set_menu(app: &tauri::App) -> tauri::Result<()> {
        let menu = Menu::default(app.handle())?;
        let go = Submenu::new(app, "Go", true)?;
        for (id, text, _) in ENTRIES {
            go.append(&MenuItem::with_id(app, id, text, true, None::<&str>)?)?;
        }
        menu.append(&go)?;
        app.set_menu(menu).map(drop)
    }

    pub fn chosen(id: &str) -> Option<Act> {
        ENTRIES.iter().find(|(known, ..)| *known == id).map(|(.., act)| *act)
    }
}

#[cfg(unix)]
mod socket {
    use super::{Failure, Path, PathBuf, Visit};
    use crate::failure::Code;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    use tokio::net::{UnixListener, UnixStream};

    #[derive(Debug)]
    pub struct Door(UnixListener);

    impl Door {
        /// The lock is ours, so what lies here was left by one that is gone.
        pub fn open(place: &Path) -> std::io::Result<Self> {
            std::fs::remove_file(place).ok();
            UnixListener::bind(place).map(Self)
        }

        pub async fn wait(&mut self) -> std::io::Result<Visit<UnixStream>> {
            self.0.accept().await.map(|(stream, _)| Visit(stream))
        }

        pub async fn find(place: &Path) -> std::io::Result<UnixStream> {
            UnixStream::connect(place).await
        }
    }

    /// A folder that only this user can reach, and that is empty after a restart.
    pub fn meeting_folder() -> Result<PathBuf, Failure> {
        let user = rustix::process::geteuid().as_raw();
        let folder = match std::env::var_os("XDG_RUNTIME_DIR").filter(|name| !name.is_empty()) {
            Some(base) => PathBuf::from(base).join("guildhall"),
            None => std::env::temp_dir().join(format!("guildhall-{user}")),
        };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(Failure::fault)?;
        let owner = std::fs::symlink_metadata(&folder).map_err(Failure::fault)?;
        if owner.uid() != user || owner.mode() & 0o077 != 0 || !owner.is_dir() {
            let message = format!("{} can be reached by others.", folder.display());
            return Err(Failure::new(Code::Fault, message).hint("Remove it, then start Guildhall again."));
        }
        Ok(folder)
    }
}

#[cfg(windows)]
mod pipe {
    use super::{Failure, Path, PathBuf, Visit};
    use std::ffi::OsString;
    use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions};

    #[derive(Debug)]
    pub struct Door {
        name: OsString,
        next: NamedPipeServer,
    }

    impl Door {
        pub fn open(place: &Path) -> std::io::Result<Self> {
            let name = name_of(place);
            let next = ServerOptions::new().first_pipe_instance(true).create(&name)?;
            Ok(Self { name, next })
        }

        pub async fn wait(&mut self) -> std::io::Result<Visit<NamedPipeServer>> {
            self.next.connect().await?;
            let next = ServerOptions::new().create(&self.name)?;
            Ok(Visit(std::mem::replace(&mut self.next, next)))
        }

        pub async fn find(place: &Path) -> std::io::Result<NamedPipeClient> {
            ClientOptions::new().open(name_of(place))
        }
    }

    fn name_of(place: &Path) -> OsString {
        let mut name = OsString::from(r"\\.\pipe\guildhall-");
        name.push(place.file_name().unwrap_or_default());
        name
    }

    pub fn meeting_folder() -> Result<PathBuf, Failure> {
        let folder = std::env::temp_dir().join("guildhall");
        std::fs::create_dir_all(&folder).map_err(Failure::fault)?;
        Ok(folder)
    }
}
