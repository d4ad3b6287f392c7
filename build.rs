//! What Windows shows of the program and how it treats it: icon, version, manifest. On other systems there is nothing to do.

use std::env;

/// Paths past 260 characters, text in UTF-8 whatever the country, no rights but those of whoever starts it.
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <assemblyIdentity type="win32" name="torimatome" version="{version}.0"/>
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security><requestedPrivileges><requestedExecutionLevel level="asInvoker" uiAccess="false"/></requestedPrivileges></security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application><supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/></application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
</assembly>
"#;

const ICON: &str = "release/windows/torimatome.ico";
/// Japanese.
const LANGUAGE: u16 = 0x0411;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={ICON}");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return;
    }
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let mut resource = winresource::WindowsResource::new();
    resource
        .set_icon(ICON)
        .set_language(LANGUAGE)
        .set_manifest(&MANIFEST.replace("{version}", &version))
        .set("FileDescription", "とりまとめ（torimatome）")
        .set("ProductName", "とりまとめ")
        .set("OriginalFilename", "torimatome.exe")
        .set("LegalCopyright", "MIT OR Apache-2.0")
        .set("FileVersion", &version)
        .set("ProductVersion", &version);
    // Without a compiler of resources the program runs as well; whoever releases it looks for the manifest.
    if let Err(e) = resource.compile() {
        println!("cargo:warning=no icon, version and manifest: {e}");
    }
}
