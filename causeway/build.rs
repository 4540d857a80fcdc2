//! A release build carries the files of the web application: it is made anew
//! when they are, and as long as they are missing. A debug build reads them
//! from disk and depends on none of them.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../web/dist");
    }
}
