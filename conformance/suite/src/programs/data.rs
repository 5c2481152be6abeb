//! Files that some programs read: crates ship them, and cargo says where those are.

use std::{collections::BTreeMap, fs, process::Command, sync::OnceLock};

use super::{
    folder,
    settings::{pairs, strings},
};

/// The path of the data file `name` of `data.toml`, in its crate's folder; or why it is not here.
pub(super) fn data(name: &str) -> Result<String, String> {
    let text = fs::read_to_string(folder().join("data.toml")).expect("data.toml");
    let section = text
        .split(&format!("\n[{name}]\n"))
        .nth(1)
        .expect("a section of data.toml");
    let section: BTreeMap<&str, String> = pairs(section.split("\n[").next().unwrap_or_default())
        .map(|(key, value)| (key, strings(value).concat()))
        .collect();
    let manifest = format!("/{}-{}/Cargo.toml", section["crate"], section["version"]);
    let crate_folder = metadata()?
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .find_map(|path| {
            path.ends_with(&manifest)
                .then(|| path.trim_end_matches("Cargo.toml"))
        })
        .ok_or_else(|| format!("{manifest} is not among the dependencies"))?;
    Ok(format!("{crate_folder}{}", section["file"]))
}

/// What cargo says about the packages of the kit's workspace, as JSON; or why it does not.
fn metadata() -> Result<&'static str, String> {
    static METADATA: OnceLock<Result<String, String>> = OnceLock::new();
    METADATA
        .get_or_init(|| {
            let version = cargo(&["-vV"])?;
            let host = version.lines().find_map(|line| line.strip_prefix("host: "));
            // Only what this host needs has been downloaded.
            let host = host.ok_or("cargo does not know its host")?;
            cargo(&[
                "metadata",
                "--format-version",
                "1",
                "--offline",
                "--filter-platform",
                host,
            ])
        })
        .as_deref()
        .map_err(String::clone)
}

/// What cargo prints.
fn cargo(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|error| format!("cargo does not run: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
