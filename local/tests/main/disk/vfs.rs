//! Where SQLite meets the disk in memory: its interface to an operating system, in C's terms.
//!
//! It becomes the one that every connection of this process uses, and hands files that are on no
//! such disk on to the system's, so that whoever opens a mirror needs to know nothing of it.

#![allow(unsafe_code, reason = "SQLite's interface to an operating system is C functions and pointers")]

use super::locks::Holding;
use super::{Disk, Failed, FileId};
use rusqlite::ffi::{self, sqlite3_file, sqlite3_vfs};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::Path;
use std::sync::atomic::{AtomicPtr, Ordering, fence};
use std::sync::{Arc, Once};

/// As the system's own says of a usual disk.
const SECTOR_BYTES: c_int = 4096;
const TRAITS: c_int = ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | ffi::SQLITE_IOCAP_SUBPAGE_READ;

/// What SQLite reserves room for and calls a file.
#[repr(C)]
struct Opened {
    base: sqlite3_file,
    handle: *mut Handle,
}

struct Handle {
    disk: Arc<Disk>,
    file: FileId,
    lock: c_int,
    holding: Holding,
    delete_at_close: Option<String>,
}

static SYSTEM: AtomicPtr<sqlite3_vfs> = AtomicPtr::new(std::ptr::null_mut());

pub fn register() {
    static ONCE: Once = Once::new();
    // SAFETY: the system's own is never unregistered, and ours is never freed.
    ONCE.call_once(|| unsafe {
        let system = ffi::sqlite3_vfs_find(std::ptr::null());
        SYSTEM.store(system, Ordering::SeqCst);
        let mut ours = *system;
        ours.szOsFile = ours.szOsFile.max(size_of::<Opened>() as c_int);
        ours.pNext = std::ptr::null_mut();
        ours.zName = c"guildhall-test".as_ptr();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        ours.xAccess = Some(access);
        let ours = Box::leak(Box::new(ours));
        assert_eq!(ffi::sqlite3_vfs_register(ours, 1), ffi::SQLITE_OK);
    });
}

/// The disk that a path is on, and its name there.
unsafe fn place(path: *const c_char) -> Option<(Arc<Disk>, String)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: SQLite passes strings that end.
    let path = unsafe { CStr::from_ptr(path) }.to_str().ok()?;
    let disk = Disk::find(path)?;
    let name = Path::new(path).file_name()?.to_str()?.to_owned();
    Some((disk, name))
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    path: ffi::sqlite3_filename,
    opened: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: the arguments are SQLite's; `opened` has the room that `register` asked for.
    unsafe {
        let Some((disk, name)) = place(path) else {
            let system = SYSTEM.load(Ordering::SeqCst);
            return (*system).xOpen.expect("it opens files")(system, path, opened, flags, out_flags);
        };
        (*opened).pMethods = std::ptr::null();
        let mut state = disk.state();
        let known = state.names.get(&name).copied();
        let file = match known {
            Some(file) => file,
            None if flags & ffi::SQLITE_OPEN_CREATE != 0 => state.add(&name),
            None => return ffi::SQLITE_CANTOPEN,
        };
        drop(state);
        let delete_at_close = (flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0).then_some(name);
        let (lock, holding) = (ffi::SQLITE_LOCK_NONE, Holding::default());
        let handle = Box::new(Handle { disk, file, lock, holding, delete_at_close });
        (*opened.cast::<Opened>()).handle = Box::into_raw(handle);
        (*opened).pMethods = &METHODS;
        if !out_flags.is_null() {
            *out_flags = flags;
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, path: *const c_char, sync: c_int) -> c_int {
    // SAFETY: as in `open`.
    unsafe {
        let Some((disk, name)) = place(path) else {
            let system = SYSTEM.load(Ordering::SeqCst);
            return (*system).xDelete.expect("it deletes files")(system, path, sync);
        };
        let is_gone = disk.state().delete(&name);
        if is_gone { ffi::SQLITE_OK } else { ffi::SQLITE_IOERR_DELETE_NOENT }
    }
}

unsafe extern "C" fn access(
    _: *mut sqlite3_vfs,
    path: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: as in `open`.
    unsafe {
        let Some((disk, name)) = place(path) else {
            let system = SYSTEM.load(Ordering::SeqCst);
            return (*system).xAccess.expect("it looks for files")(system, path, flags, out);
        };
        let state = disk.state();
        let found = state.names.get(&name).map(|file| state.files[file].bytes.len());
        let is_so = match flags {
            ffi::SQLITE_ACCESS_EXISTS => found.is_some_and(|size| size > 0),
            _ => found.is_some(),
        };
        *out = c_int::from(is_so);
        ffi::SQLITE_OK
    }
}

/// The open file behind SQLite's pointer.
unsafe fn handle<'a>(file: *mut sqlite3_file) -> &'a mut Handle {
    // SAFETY: only files that `open` made have our methods, and SQLite uses each from one thread
    // at a time.
    unsafe { &mut *(*file.cast::<Opened>()).handle }
}

fn code(done: Result<(), Failed>) -> c_int {
    match done {
        Ok(()) => ffi::SQLITE_OK,
        Err(Failed::Full) => ffi::SQLITE_FULL,
        Err(Failed::Flush) => ffi::SQLITE_IOERR_FSYNC,
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the handle was made by `open` and is used no more.
    let mut handle = unsafe { Box::from_raw((*file.cast::<Opened>()).handle) };
    let mut state = handle.disk.state();
    state.file(handle.file).lock.lower(handle.lock, ffi::SQLITE_LOCK_NONE);
    state.file(handle.file).memory.leave(&mut handle.holding);
    if let Some(name) = &handle.delete_at_close {
        state.delete(name);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, count: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives room for `count` bytes.
    let (handle, to) =
        unsafe { (handle(file), std::slice::from_raw_parts_mut(to.cast::<u8>(), count as usize)) };
    let mut state = handle.disk.state();
    let bytes = &state.file(handle.file).bytes;
    let there = bytes.get(at as usize..).unwrap_or_default();
    let there = &there[..there.len().min(to.len())];
    to[..there.len()].copy_from_slice(there);
    to[there.len()..].fill(0);
    if there.len() == to.len() { ffi::SQLITE_OK } else { ffi::SQLITE_IOERR_SHORT_READ }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, count: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives `count` bytes.
    let (handle, from) = unsafe { (handle(file), std::slice::from_raw_parts(from.cast(), count as usize)) };
    code(handle.disk.state().write(handle.file, at as usize, from))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    // SAFETY: as in `handle`.
    let handle = unsafe { handle(file) };
    handle.disk.state().truncate(handle.file, size as usize);
    ffi::SQLITE_OK
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: as in `handle`.
    let handle = unsafe { handle(file) };
    code(handle.disk.state().sync(handle.file))
}

unsafe extern "C" fn size(file: *mut sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: SQLite gives room for the answer.
    unsafe {
        let handle = handle(file);
        *out = handle.disk.state().file(handle.file).bytes.len() as i64;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: as in `handle`.
    let handle = unsafe { handle(file) };
    let (level, is_enough) = handle.disk.state().file(handle.file).lock.raise(handle.lock, wanted);
    handle.lock = level;
    if is_enough { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, to: c_int) -> c_int {
    // SAFETY: as in `handle`.
    let handle = unsafe { handle(file) };
    handle.lock = handle.disk.state().file(handle.file).lock.lower(handle.lock, to);
    ffi::SQLITE_OK
}

unsafe extern "C" fn is_reserved(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite gives room for the answer.
    unsafe {
        let handle = handle(file);
        *out = c_int::from(handle.disk.state().file(handle.file).lock.is_reserved());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_bytes(_: *mut sqlite3_file) -> c_int {
    SECTOR_BYTES
}

unsafe extern "C" fn traits(_: *mut sqlite3_file) -> c_int {
    TRAITS
}

unsafe extern "C" fn map(
    file: *mut sqlite3_file,
    region: c_int,
    _: c_int,
    may_grow: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite gives room for the answer.
    unsafe {
        let handle = handle(file);
        let mut state = handle.disk.state();
        let memory = &mut state.file(handle.file).memory;
        let found = memory.region(&mut handle.holding, region as usize, may_grow != 0);
        *out = found.map_or(std::ptr::null_mut(), |region| region.cast());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock_slots(file: *mut sqlite3_file, from: c_int, count: c_int, flags: c_int) -> c_int {
    // SAFETY: as in `handle`.
    let handle = unsafe { handle(file) };
    let slots = from as usize..(from + count) as usize;
    let mut state = handle.disk.state();
    let memory = &mut state.file(handle.file).memory;
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        slots.for_each(|slot| memory.unlock(&mut handle.holding, slot));
        return ffi::SQLITE_OK;
    }
    let alone = flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
    let is_ours = memory.lock(&mut handle.holding, slots, alone);
    if is_ours { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
}

unsafe extern "C" fn barrier(_: *mut sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn unmap(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: as in `handle`.
    let handle = unsafe { handle(file) };
    handle.disk.state().file(handle.file).memory.leave(&mut handle.holding);
    ffi::SQLITE_OK
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(is_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_bytes),
    xDeviceCharacteristics: Some(traits),
    xShmMap: Some(map),
    xShmLock: Some(lock_slots),
    xShmBarrier: Some(barrier),
    xShmUnmap: Some(unmap),
    xFetch: None,
    xUnfetch: None,
};
