//! What packages are made of: manual pages, the check that a container makes of its own health, the image, and the action
//! that other people's workflows use.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::program::{TestSite, printed, program, skip, tree};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the commands, as the program lists them.
fn commands(site: &TestSite) -> Vec<String> {
    let (help, _) = printed(&site.run(&["--help"]));
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
    names.filter(|name| name != "help").collect()
}

#[test]
fn the_program_and_every_command_have_a_manual_page_that_names_all_options() {
    let site = TestSite::new("");
    let (program, _) = printed(&site.run(&["man"]));
    assert!(program.contains(".TH tidings 1") && program.contains("TIDINGS_LOG"), "{program}");
    let commands = commands(&site);
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        assert!(program.contains(&format!("tidings\\-{command}(1)")), "{command}");
        let (page, _) = printed(&site.run(&["man", &command]));
        assert!(page.contains(&format!(".TH tidings-{command} 1")), "{page}");
        let (help, _) = printed(&site.run(&[&command, "--help"]));
        for option in help.lines().filter_map(|line| line.trim_start().strip_prefix("--")) {
            let option: String = option.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            assert!(page.contains(&format!("\\-\\-{}", option.replace('-', "\\-"))), "{command} --{option}: {page}");
        }
        assert_eq!(page, printed(&site.run(&["man", &command])).0, "packages can be built again alike");
    }
    let output = site.run(&["man", "sevre"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).1.contains("there is no command `sevre`; write one of serve, build"), "{}", printed(&output).1);
}

#[test]
fn health_tells_a_server_that_answers_from_one_that_does_not() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &[]);
    let server = site.serve();
    let ask = |path: &str| {
        let output = site.run(&["health", &format!("http://{}{path}", server.address)]);
        (output.status.code(), printed(&output))
    };
    let (status, (out, _)) = ask("/");
    assert_eq!((status, out), (Some(0), format!("http://{}/ answers 200 OK\n", server.address)));
    assert_eq!(ask("/rss.xml?x=y").0, Some(0));
    let (status, (_, err)) = ask("/none");
    assert!(status == Some(1) && err.contains("it answers 404"), "{err}");
    let address = server.address.clone();
    assert_eq!(server.end("-TERM").code(), Some(0));
    let output = site.run(&["health", &format!("http://{address}/")]);
    assert!(output.status.code() == Some(1) && printed(&output).1.contains("cannot connect"), "{}", printed(&output).1);
    assert_eq!(site.run(&["health", "https://example.org/"]).status.code(), Some(2), "nothing here speaks TLS");
}

#[test]
fn the_image_calls_commands_and_options_that_exist() {
    let site = TestSite::new("");
    let file = fs::read_to_string(root().join("packaging/Dockerfile")).unwrap();
    let calls = file.lines().filter(|line| line.starts_with("CMD") || line.starts_with("HEALTHCHECK"));
    let calls: Vec<Vec<String>> = calls.map(|line| serde_json::from_str(&line[line.find('[').unwrap()..]).unwrap()).collect();
    assert_eq!(calls.len(), 2, "{file}");
    for call in calls {
        let words: Vec<&str> = call.iter().map(String::as_str).filter(|word| *word != "/tidings").collect();
        let (help, _) = printed(&site.run(&[words[0], "--help"]));
        assert!(help.contains("Usage: tidings"), "{words:?}");
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "{words:?}: {help}");
        }
    }
}

/// The steps of the action as a runner on Linux runs them, in the folder of a site, up to the first that fails. What they
/// write of outputs is returned beside what the last one printed.
fn run_action(site: &TestSite, inputs: &[(&str, &str)], runner: &str) -> (Output, String) {
    let text = fs::read_to_string(root().join(".github/actions/feeds/action.yml")).unwrap();
    let action: Value = serde_saphyr::from_str(&text).unwrap();
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    for (name, input) in action["inputs"].as_object().unwrap() {
        given.insert(name.clone(), input["default"].as_str().unwrap().to_owned());
    }
    for (name, value) in inputs {
        assert!(given.insert((*name).to_owned(), (*value).to_owned()).is_some(), "the action has no input {name}");
    }
    let temporary = site.path("runner");
    if temporary.exists() {
        fs::remove_dir_all(&temporary).unwrap();
    }
    fs::create_dir(&temporary).unwrap();
    let mut last = None;
    for step in action["runs"]["steps"].as_array().unwrap() {
        let mut command = Command::new("bash");
        // as a runner calls it
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()]);
        let added = fs::read_to_string(temporary.join("path")).unwrap_or_default();
        command.env("PATH", format!("{}:{}", added.trim_end(), std::env::var("PATH").unwrap()));
        command.current_dir(site.root.path()).env_remove("SOURCE_DATE_EPOCH");
        command.env("RUNNER_TEMP", &temporary).env("RUNNER_OS", runner).env("RUNNER_ARCH", "X64");
        command.env("GITHUB_PATH", temporary.join("path")).env("GITHUB_OUTPUT", temporary.join("output"));
        for (name, value) in step["env"].as_object().unwrap() {
            let mut value = value.as_str().unwrap().to_owned();
            for (input, given) in &given {
                value = value.replace(&format!("${{{{ inputs.{input} }}}}"), given);
            }
            assert!(!value.contains("inputs."), "{name}: {value}");
            command.env(name, value);
        }
        let output = command.output().unwrap();
        let failed = !output.status.success();
        last = Some(output);
        if failed {
            break;
        }
    }
    (last.unwrap(), fs::read_to_string(temporary.join("output")).unwrap_or_default())
}

#[test]
fn the_action_installs_a_release_and_puts_feeds_beside_the_pages() {
    if Command::new("curl").arg("--version").output().is_err() {
        return skip("there is no curl");
    }
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &["tag"]);
    site.write("content/post/b.md", "+++\ntitle = 'Later'\ndate = 2999-01-01T00:00:00Z\n+++\n");
    site.write("public/index.html", "a page");
    // a release whose program is the one under test
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("tidings-{version}-x86_64-unknown-linux-musl");
    site.write(&format!("made/{name}/tidings"), format!("#!/bin/sh\nexec {:?} \"$@\"\n", program(Path::new(".")).get_program()));
    site.write(&format!("made/{name}/LICENSE-MIT"), "");
    let script = format!(
        "chmod +x made/{name}/tidings && mkdir -p releases/v{version} && tar -czf releases/v{version}/{name}.tar.gz -C made {name} && \
         cd releases/v{version} && sha256sum {name}.tar.gz >SHA256SUMS && echo '{}  another.deb' >>SHA256SUMS",
        "0".repeat(64)
    );
    let made = Command::new("sh").args(["-c", &script]).current_dir(site.root.path()).status().unwrap();
    assert!(made.success());
    let releases = format!("file://{}", site.path("releases").display());
    let (output, told) = run_action(&site, &[("releases", &releases)], "Linux");
    assert!(output.status.success(), "{:?}", printed(&output));
    assert_eq!(told, "next=2999-01-01T00:00:00Z\n");
    let (mut feeds, mut public) = (tree(&site.path("feeds")), tree(&site.path("public")));
    assert!(feeds.remove(".ids.tsv").is_some());
    assert_eq!(public.remove("index.html").as_deref(), Some(&b"a page"[..]));
    feeds.retain(|name, _| !name.starts_with('.'));
    assert!(feeds.contains_key("tags/tag/rss.xml") && feeds == public, "{:?} {:?}", feeds.keys(), public.keys());

    site.write("content/post/c.md", "+++\ntitle = \n+++\n");
    assert!(run_action(&site, &[("releases", &releases)], "Linux").0.status.success(), "a broken post costs only itself");
    assert!(!run_action(&site, &[("releases", &releases), ("strict", "true")], "Linux").0.status.success(), "but for the strict");
    let (output, _) = run_action(&site, &[("releases", &releases), ("check", "true")], "Linux");
    assert!(output.status.success(), "findings are told, and end the job only when that is asked for");
    let (output, _) = run_action(&site, &[("releases", &releases), ("check", "true"), ("strict", "true")], "Linux");
    let (told, _) = printed(&output);
    assert!(!output.status.success() && told.contains("::error file=content/post/c.md,line=2,"), "{told}");
    let (output, _) = run_action(&site, &[("releases", &releases)], "Windows");
    assert!(!output.status.success() && printed(&output).0.starts_with("::error::there is no release"), "{:?}", printed(&output));
    site.write(&format!("releases/v{version}/{name}.tar.gz"), "something else");
    let (output, _) = run_action(&site, &[("releases", &releases)], "Linux");
    assert!(!output.status.success() && printed(&output).0.contains("FAILED"), "{:?}", printed(&output));
}

#[test]
fn workflows_are_yaml_and_call_what_is_there() {
    let mut count = 0;
    for (name, text) in tree(&root().join(".github")).iter().filter(|(name, _)| name.ends_with(".yml")) {
        let text = std::str::from_utf8(text).unwrap();
        let workflow: Value = serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let jobs = workflow["jobs"].as_object().into_iter().flatten().map(|(_, job)| job);
        for step in jobs.flat_map(|job| job["steps"].as_array().unwrap()) {
            let run = step["run"].as_str().unwrap_or_default();
            for called in run.split_whitespace().filter(|word| word.starts_with(".ci/") || word.starts_with("packaging/")) {
                assert!(root().join(called).is_file(), "{name} calls {called}");
                count += 1;
            }
            // a tag can be moved to other code, a hash cannot
            let uses = step["uses"].as_str().unwrap_or("@0123456789012345678901234567890123456789");
            assert_eq!(uses.split('@').nth(1).map(str::len), Some(40), "{name}: {uses}");
        }
    }
    assert!(count >= 2, "{count}");
}

#[test]
fn a_release_of_this_version_would_say_what_changed() {
    // as the workflow takes it from the changelog
    let workflow = fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap();
    let script = workflow.lines().map(str::trim).find(|line| line.starts_with("awk ")).unwrap().replace(" >notes.md", "");
    let mut command = Command::new("bash");
    command.args(["-c", &script]).current_dir(root()).env("GITHUB_REF_NAME", concat!("v", env!("CARGO_PKG_VERSION")));
    let (notes, error) = printed(&command.output().unwrap());
    assert!(notes.contains("- `tidings build`, `serve` and `check`"), "{notes}{error}");
    assert!(!notes.contains("## 0"), "{notes}");
}
