//! deploy/ against the program: what the units, scripts and examples name exists.

use std::path::{Path, PathBuf};
use std::process::Command;

use kiosk::run::HandScannerChoice;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(deploy().join(name)).unwrap_or_else(|error| panic!("deploy/{name}: {error}"))
}

fn every_file() -> Vec<(String, String)> {
    std::fs::read_dir(deploy())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .map(|name| {
            let content = text(&name);
            (name, content)
        })
        .collect()
}

fn kiosk(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kiosk")).args(arguments).output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

/// `/usr/bin/kiosk run --config ...`: the word behind the program is one of its commands, and each option is one of that command's.
#[test]
fn every_command_and_option_in_deploy_is_one_of_the_program() {
    let mut seen = Vec::new();
    for (name, content) in every_file() {
        for line in content.lines().filter(|line| !line.trim_start().starts_with('#')) {
            for (at, _) in line.match_indices("kiosk ") {
                let mut words = line[at + 6..]
                    .split(|c: char| c.is_whitespace() || c == '`')
                    .filter(|word| !word.is_empty());
                let Some(command) = words.next() else { continue };
                if !["run", "train", "demo", "check-config", "replay", "set-pins"].contains(&command) {
                    continue;
                }
                let (known, help) = kiosk(&[command, "--help"]);
                assert!(known, "{name}: `kiosk {command}` is no command");
                for option in words.filter(|word| word.starts_with("--")) {
                    assert!(help.contains(option), "{name}: `kiosk {command}` has no {option}");
                }
                seen.push(command.to_owned());
            }
        }
    }
    for command in ["run", "train", "check-config", "set-pins"] {
        assert!(seen.iter().any(|known| known == command), "deploy/ never says `kiosk {command}`");
    }
    assert!(!kiosk(&["no-such-command", "--help"]).0, "the test could not fail");
}

#[test]
fn every_file_that_the_readme_installs_is_there_and_the_other_way_round() {
    let readme = text("README.md");
    for (name, _) in every_file() {
        assert!(
            name == "README.md" || readme.contains(&format!("`{name}`")),
            "README.md does not name {name}"
        );
    }
    for word in readme.split_whitespace().filter_map(|word| word.strip_prefix("deploy/")) {
        assert!(deploy().join(word.trim_end_matches(['`', ',', '.'])).exists(), "README.md installs {word}");
    }
}

/// The example configuration is read as a device would; only the files that it names are not here.
#[test]
fn the_example_configuration_is_a_configuration() {
    let config = kiosk::config::read(&deploy().join("kiosk.toml")).unwrap();
    assert_eq!(config.ledger, Path::new("/var/lib/kiosk/ledger"));
    assert!(config.device.night.is_some() && config.fullscreen);
    // The rules take a scanner that types from the window: a fresh install hears it as a device, or not at all.
    let keyboard = HandScannerChoice::Keyboard("/dev/kiosk-scanner".into());
    assert_eq!(config.device.scanner, Some(keyboard));
    for rule in text("70-kiosk.rules").lines().filter(|line| line.contains("LIBINPUT_IGNORE_DEVICE")) {
        assert!(
            rule.contains("SYMLINK+=\"kiosk-scanner\"") && rule.contains("ENV{ID_INPUT_KEYBOARD}==\"1\""),
            "{rule}"
        );
    }
    // The lines that are commented out are keys as well.
    let whole: String = text("kiosk.toml")
        .lines()
        .filter(|line| !line.starts_with("scanner_keyboard"))
        .map(|line| {
            line.strip_prefix("# scanner").map_or_else(|| line.to_owned(), |rest| format!("scanner{rest}"))
                + "\n"
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kiosk.toml");
    std::fs::write(&path, whole).unwrap();
    let serial = HandScannerChoice::Serial("/dev/kiosk-scanner-serial".into(), 9_600);
    assert_eq!(kiosk::config::read(&path).unwrap().device.scanner, Some(serial));
}

/// `systemd-time-wait-sync` waits for ever where there is no network. A unit that comes after it, or after one that does, waits as long.
#[test]
fn a_kiosk_without_a_network_starts() {
    for name in ["kiosk.service", "kiosk-enrol.service"] {
        let unit = text(name);
        let mut orders = unit.lines().filter(|line| !line.starts_with('#'));
        assert!(
            !orders.any(|line| line.contains("time-wait-sync") || line.contains("time-sync.target")),
            "{name}"
        );
    }
    let enrol = text("kiosk-enrol.service");
    let waits = enrol.find("ExecStartPre=/bin/sh -c 'until [ -e /run/systemd/timesync/synchronized ]");
    assert!(waits.is_some_and(|at| at < enrol.find("ExecStart=").unwrap()), "the ledger would begin in 1970");
}

/// The same paths everywhere: what the unit starts, the enrolment makes and the configuration names.
#[test]
fn paths_agree() {
    let (unit, enrol, config) = (text("kiosk.service"), text("kiosk-enrol.service"), text("kiosk.toml"));
    for (name, content) in [("kiosk.service", &unit), ("kiosk-enrol.service", &enrol)] {
        assert!(content.contains("/etc/kiosk/kiosk.toml"), "{name}");
        assert!(content.contains("StateDirectory=kiosk"), "{name}");
    }
    // What the check has to say is said, and keeps no kiosk dark: a person without a PIN, an order that was refused.
    assert!(unit.contains("ExecStartPre=-/usr/bin/kiosk check-config --places "));
    assert!(
        enrol.contains("ConditionPathExists=!/var/lib/kiosk/ledger")
            && config.contains("\"/var/lib/kiosk/ledger\"")
    );
    for device in ["/dev/kiosk-scanner", "/dev/kiosk-scanner-serial"] {
        let name = device.trim_start_matches("/dev/");
        assert!(
            config.contains(device) && text("70-kiosk.rules").contains(&format!("SYMLINK+=\"{name}\"")),
            "{device}"
        );
    }
}

/// Issue 6, life of the device: hardening and the watchdog that the main loop feeds.
#[test]
fn the_unit_is_hardened_and_watched() {
    let unit = text("kiosk.service");
    for line in [
        "Type=notify",
        "WatchdogSec=15",
        "Restart=always",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "CapabilityBoundingSet=",
        "LimitCORE=0",
        "MemorySwapMax=0",
        "User=kiosk",
    ] {
        assert!(unit.lines().any(|known| known == line), "kiosk.service has no {line}");
    }
}

/// systemd looks a kind of device up when the unit starts: its module is loaded before.
#[test]
fn the_modules_of_the_allowed_devices_are_loaded_first() {
    let unit = text("kiosk.service");
    for (kind, module) in
        [("video4linux", "videodev"), ("ttyACM", "cdc_acm"), ("ttyUSB", "usbserial"), ("alsa", "snd")]
    {
        assert!(unit.contains(&format!("DeviceAllow=char-{kind} rw")), "{kind}");
        for key in ["Wants=", "After="] {
            let wanted = format!("modprobe@{module}.service");
            let mut lines = unit.lines().filter(|line| line.starts_with(key));
            assert!(lines.any(|line| line.contains(&wanted)), "{key}{wanted}");
        }
    }
}

/// systemd's own opinion, where systemd is installed: only programs that are not on this machine may be missing.
#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let units = ["kiosk.service", "kiosk-enrol.service"].map(|name| deploy().join(name));
    let Ok(output) = Command::new("systemd-analyze").arg("verify").args(&units).output() else {
        println!("skipped: there is no systemd-analyze");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let wrong: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("kiosk"))
        .filter(|line| !line.contains("is not executable") && !line.contains("Command 'man"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// First boot: the ledger is made with the origin of the configuration, once; a folder that is there is left alone.
#[test]
fn enrolment_makes_the_ledger_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let log = folder.path().join("log");
    std::fs::write(
        &program,
        format!("#!/bin/sh\necho \"$*\" >> {0}\n[ \"$1\" = init ] && mkdir -p \"$2\" && touch \"$2/ledger.redb\"\nexit 0\n", log.display()),
    )
    .unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = folder.path().join("kiosk.toml");
    std::fs::write(&config, "origin = \"hospital.example/3b/kiosk-03/g1\"\nledger = \"ledger\" # beside it\n[device]\nledger = \"no\"\n").unwrap();
    let enrol = || {
        Command::new("sh")
            .arg(deploy().join("enrol.sh"))
            .arg(&config)
            .env("KIOSK", &program)
            .env("LEDGER", &program)
            .env("HOSPITAL_KEY", "/nowhere")
            .output()
            .unwrap()
    };
    assert!(enrol().status.success());
    let ledger = folder.path().join("ledger");
    let asked = std::fs::read_to_string(&log).unwrap();
    let expected =
        format!("init {0} --origin hospital.example/3b/kiosk-03/g1\nverify {0}\n", ledger.display());
    assert!(asked.starts_with(&expected), "{asked}");
    assert!(asked.lines().nth(2).is_some_and(|line| line.starts_with("check-config --places ")));
    let again = enrol();
    assert!(again.status.success() && String::from_utf8_lossy(&again.stderr).contains("there already"));
    assert_eq!(std::fs::read_to_string(&log).unwrap(), asked, "nothing was called again");
    std::fs::write(&config, "ledger = \"ledger\"\n").unwrap();
    let without = enrol();
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains("no line origin"));
}

/// A wedged GPU cannot hang a program that has no renderer for one: the software renderer is the only one that is compiled in, and the unit asks
/// for it by name.
#[test]
fn no_renderer_that_needs_a_gpu_is_in_the_program() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "-p", "kiosk", "-e", "normal", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8_lossy(&output.stdout).into_owned();
    let has = |name: &str| tree.lines().any(|line| line.starts_with(&format!("{name} v")));
    assert!(
        has("i-slint-renderer-software"),
        "the test could not fail: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    for gpu in ["femtovg", "i-slint-renderer-femtovg", "i-slint-renderer-skia", "skia-safe", "wgpu", "glutin"]
    {
        assert!(!has(gpu), "{gpu} is in the program");
    }
    assert!(text("kiosk.service").contains("Environment=SLINT_BACKEND=winit-software"));
}
