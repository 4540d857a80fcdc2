//! The files of `web/dist`: inside the program in a release build, read from
//! disk at every request in a debug build, whether or not they were there when
//! it was compiled.

use rust_embed::EmbeddedFile;

/// A file by its path below `web/dist`, `/` between folders.
#[cfg(not(debug_assertions))]
pub(super) fn find(path: &str) -> Option<EmbeddedFile> {
    #[derive(rust_embed::RustEmbed)]
    #[folder = "../web/dist"]
    #[allow_missing = true]
    struct Dist;

    Dist::get(path)
}

/// A file by its path below `web/dist`, `/` between folders.
#[cfg(debug_assertions)]
pub(super) fn find(path: &str) -> Option<EmbeddedFile> {
    use std::path::{Component, Path};

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist");
    let path = Path::new(path);
    let stays_inside = path
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    let file = Path::new(FOLDER).join(path);
    (stays_inside && file.is_file())
        .then(|| rust_embed::utils::read_file_from_fs(&file).ok())
        .flatten()
}
