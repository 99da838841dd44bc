//! Which runtime is chosen. In a process of its own, since a process has only one.

use filter::{Error, doctor};
use std::{fs, path::PathBuf};

#[test]
fn a_library_somebody_named_is_used_or_refused_and_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let junk = folder.path().join("libonnxruntime.so");
    fs::write(&junk, "no library").unwrap();
    for library in [PathBuf::from("/no/such/libonnxruntime.so"), junk] {
        let error = doctor::backend(library.to_str().unwrap(), &[]).unwrap_err();
        assert!(matches!(&error, Error::Library { library: named, .. } if *named == library), "{error}");
        assert!(error.hint().unwrap().contains("1.24"), "{error}");
    }

    // Libraries found by the search that do not load are passed over: one at the first look, one
    // only when it is loaded.
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("libonnxruntime.so"), b"\x7fELF....OrtGetApiBase").unwrap();
    let backend = doctor::backend("", &[folder.path().to_owned(), other.path().to_owned()]).unwrap();
    if std::env::var_os("ORT_DYLIB_PATH").is_none() {
        assert_eq!((backend.name.as_str(), &backend.library), ("tract", &None));
        assert!(backend.version.starts_with("0.5"), "{}", backend.version);
    }
    // From now on this process has its runtime.
    let error = doctor::backend("/no/such/libonnxruntime.so", &[]).unwrap_err();
    assert!(matches!(error, Error::OtherLibrary { .. }), "{error}");
    assert_eq!(doctor::backend("", &[]).unwrap(), backend);
}
