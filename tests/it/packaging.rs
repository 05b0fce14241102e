//! What packages are made of: manual pages, completions, and the check that a container makes of its own health.

use crate::program::{TestSite, printed};

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
