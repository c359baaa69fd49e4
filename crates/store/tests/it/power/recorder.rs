//! A layer between SQLite and its files that records what is written and when it is flushed. It
//! becomes the process's default; files that nobody watches pass through it untouched.

#![expect(
    unsafe_code,
    reason = "SQLite calls its file layer through C; there is no safe interface to it"
)]
#![expect(
    non_snake_case,
    reason = "the functions have the names of SQLite's table"
)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::slice;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use libsqlite3_sys as ffi;
use libsqlite3_sys::{sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs};

use super::disk::{Change, Kind, Step};

/// What is watched, and what happened to it so far.
struct Watched {
    path: String,
    steps: Vec<Step>,
    is_careless: bool,
}

static WATCHED: Mutex<Option<Watched>> = Mutex::new(None);
static INSTALLED: Once = Once::new();

fn watched() -> MutexGuard<'static, Option<Watched>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records everything that is done from now on to the database at `path`. `is_careless` plants the
/// fault that must be caught: `PRAGMA synchronous = FULL` is carried out as `NORMAL`.
pub fn watch(path: &str, is_careless: bool) {
    INSTALLED.call_once(install);
    *watched() = Some(Watched {
        path: path.to_owned(),
        steps: Vec::new(),
        is_careless,
    });
}

/// Ends the recording and returns it.
pub fn recorded() -> Vec<Step> {
    watched()
        .take()
        .map_or_else(Vec::new, |watched| watched.steps)
}

/// Adds a step to the recording.
pub fn note(step: Step) {
    if let Some(watched) = watched().as_mut() {
        watched.steps.push(step);
    }
}

/// An open file: SQLite's head, what it is to us, and behind it the real one.
#[repr(C)]
struct Layer {
    head: sqlite3_file,
    kind: Option<Kind>,
}

const HEAD: usize = size_of::<Layer>().next_multiple_of(16);

fn install() {
    // SAFETY: the default layer is there for the life of the process, and so is the copy, which is
    // leaked. Its functions do not look at which copy they are called with, except `xOpen`, which is
    // given the original.
    unsafe {
        let real = ffi::sqlite3_vfs_find(std::ptr::null());
        let mut layer = *real;
        layer.szOsFile += c_int::try_from(HEAD).unwrap_or(c_int::MAX);
        layer.zName = c"recorder".as_ptr();
        layer.pNext = std::ptr::null_mut();
        layer.pAppData = real.cast();
        layer.xOpen = Some(xOpen);
        layer.xDelete = Some(xDelete);
        ffi::sqlite3_vfs_register(Box::leak(Box::new(layer)), 1);
    }
}

/// What a file is to us, by its name.
///
/// # Safety
/// `name` is null or ends with a zero byte.
unsafe fn kind(name: *const c_char) -> Option<Kind> {
    if name.is_null() {
        return None;
    }
    // SAFETY: see above.
    let name = unsafe { CStr::from_ptr(name) }.to_str().ok()?;
    let watched = watched();
    match name.strip_prefix(watched.as_ref()?.path.as_str())? {
        "" => Some(Kind::Main),
        "-wal" => Some(Kind::Wal),
        "-journal" => Some(Kind::Journal),
        _ => None,
    }
}

/// # Safety
/// `file` was opened by `xOpen`.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: `szOsFile` asked for the room behind the head.
    unsafe { file.cast::<u8>().add(HEAD).cast() }
}

/// # Safety
/// `file` was opened by `xOpen`.
unsafe fn record(file: *mut sqlite3_file, change: Change) -> bool {
    // SAFETY: see above.
    let kind = unsafe { (*file.cast::<Layer>()).kind };
    let Some(kind) = kind else { return false };
    note(Step::Change(kind, change));
    true
}

unsafe extern "C" fn xOpen(
    vfs: *mut sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives room for `szOsFile` bytes; `pAppData` is the layer below.
    unsafe {
        let below: *mut sqlite3_vfs = (*vfs).pAppData.cast();
        let layer = file.cast::<Layer>();
        (*layer).head.pMethods = std::ptr::null();
        let Some(open) = (*below).xOpen else {
            return ffi::SQLITE_CANTOPEN;
        };
        let opened = open(below, name, real(file), flags, out);
        if opened == ffi::SQLITE_OK {
            (*layer).kind = kind(name);
            (*layer).head.pMethods = &raw const METHODS;
        }
        opened
    }
}

unsafe extern "C" fn xDelete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: as above; the name ends with a zero byte.
    unsafe {
        if let Some(kind) = kind(name) {
            note(Step::Change(kind, Change::Delete));
            if sync != 0 {
                note(Step::Change(kind, Change::Sync));
            }
        }
        let below: *mut sqlite3_vfs = (*vfs).pAppData.cast();
        match (*below).xDelete {
            Some(delete) => delete(below, name, sync),
            None => ffi::SQLITE_IOERR,
        }
    }
}

unsafe extern "C" fn xWrite(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite owns `count` bytes at `bytes`.
    unsafe {
        let written =
            slice::from_raw_parts(bytes.cast::<u8>(), usize::try_from(count).unwrap_or(0));
        let at_byte = usize::try_from(at).unwrap_or(0);
        record(file, Change::Write(at_byte, written.to_vec()));
        below::xWrite(file, bytes, count, at)
    }
}

unsafe extern "C" fn xTruncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: the file is open.
    unsafe {
        record(file, Change::Truncate(usize::try_from(size).unwrap_or(0)));
        below::xTruncate(file, size)
    }
}

unsafe extern "C" fn xSync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the file is open.
    unsafe {
        // What is watched loses its power only in play: waiting for the disk would only take time.
        if record(file, Change::Sync) {
            return ffi::SQLITE_OK;
        }
        below::xSync(file, flags)
    }
}

unsafe extern "C" fn xFileControl(file: *mut sqlite3_file, op: c_int, value: *mut c_void) -> c_int {
    // SAFETY: for a pragma, `value` is an array of an answer, a name and an argument, which may be
    // null; the argument is SQLite's own copy of the statement's text.
    unsafe {
        if op == ffi::SQLITE_FCNTL_PRAGMA && (*file.cast::<Layer>()).kind.is_some() {
            let words: *mut *mut c_char = value.cast();
            let (name, argument) = (*words.add(1), *words.add(2));
            let is_careless = watched()
                .as_ref()
                .is_some_and(|watched| watched.is_careless);
            let is_full = !argument.is_null()
                && CStr::from_ptr(name)
                    .to_bytes()
                    .eq_ignore_ascii_case(b"synchronous")
                && CStr::from_ptr(argument)
                    .to_bytes()
                    .eq_ignore_ascii_case(b"full");
            if is_careless && is_full {
                // 1 is NORMAL.
                std::ptr::copy_nonoverlapping(c"1".as_ptr(), argument, 2);
            }
        }
        below::xFileControl(file, op, value)
    }
}

/// What only passes through.
mod below {
    use super::*;

    macro_rules! pass {
        ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty, else $otherwise:expr;)*) => {
            $(pub unsafe extern "C" fn $name(
                file: *mut sqlite3_file, $($argument: $kind),*
            ) -> $answer {
                // SAFETY: the file is open, and its methods are those of the layer below.
                unsafe {
                    let file = real(file);
                    match (*(*file).pMethods).$name {
                        Some(call) => call(file, $($argument),*),
                        None => $otherwise,
                    }
                }
            })*
        };
    }

    pass! {
        xClose() -> c_int, else ffi::SQLITE_OK;
        xRead(to: *mut c_void, count: c_int, at: sqlite3_int64) -> c_int, else ffi::SQLITE_IOERR;
        xWrite(from: *const c_void, count: c_int, at: sqlite3_int64) -> c_int, else ffi::SQLITE_IOERR;
        xTruncate(size: sqlite3_int64) -> c_int, else ffi::SQLITE_IOERR;
        xSync(flags: c_int) -> c_int, else ffi::SQLITE_IOERR;
        xFileSize(size: *mut sqlite3_int64) -> c_int, else ffi::SQLITE_IOERR;
        xLock(level: c_int) -> c_int, else ffi::SQLITE_IOERR;
        xUnlock(level: c_int) -> c_int, else ffi::SQLITE_IOERR;
        xCheckReservedLock(out: *mut c_int) -> c_int, else ffi::SQLITE_IOERR;
        xFileControl(op: c_int, value: *mut c_void) -> c_int, else ffi::SQLITE_NOTFOUND;
        xSectorSize() -> c_int, else 512;
        xDeviceCharacteristics() -> c_int, else 0;
        xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int,
            else ffi::SQLITE_IOERR;
        xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int, else ffi::SQLITE_IOERR;
        xShmBarrier() -> (), else ();
        xShmUnmap(delete: c_int) -> c_int, else ffi::SQLITE_OK;
    }
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // Version 2: shared memory, and no mapping of the file, whose writes could not be seen.
    iVersion: 2,
    xClose: Some(below::xClose),
    xRead: Some(below::xRead),
    xWrite: Some(xWrite),
    xTruncate: Some(xTruncate),
    xSync: Some(xSync),
    xFileSize: Some(below::xFileSize),
    xLock: Some(below::xLock),
    xUnlock: Some(below::xUnlock),
    xCheckReservedLock: Some(below::xCheckReservedLock),
    xFileControl: Some(xFileControl),
    xSectorSize: Some(below::xSectorSize),
    xDeviceCharacteristics: Some(below::xDeviceCharacteristics),
    xShmMap: Some(below::xShmMap),
    xShmLock: Some(below::xShmLock),
    xShmBarrier: Some(below::xShmBarrier),
    xShmUnmap: Some(below::xShmUnmap),
    xFetch: None,
    xUnfetch: None,
};
