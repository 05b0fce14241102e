//! The syntax of shortcodes: a body in pieces of text and of calls, each with its place.
//!
//! What a call means is left to the others; here it is only known where it ends.

use std::collections::HashMap;

/// Arguments of one call, beyond which it is held to have no end. What was read of it is text then, in which the next call is looked
/// for, so all that follows could be read once for each of many such calls: together they have as many.
const MAX_ARGUMENTS: usize = 10_000;

/// So many a call may have in any case.
const MIN_ARGUMENTS: usize = 100;

/// The two ways to write a call, which decide what Markdown does with the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `{{< name >}}`: the outcome is HTML.
    Html,
    /// `{{% name %}}`: the outcome is Markdown.
    Markdown,
}

/// A part of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text between calls, and the byte where it begins.
    Text(&'a str, usize),
    /// What is to be shown as it is: `{{</* name */>}}` without the stars.
    Literal(String),
    /// A call, or the opening of one.
    Open(Call<'a>),
    /// The end of the call of this name.
    Close,
    /// What looks like a call and is none.
    Broken(Broken<'a>),
}

/// A call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) style: Style,
    pub(super) args: Args,
    /// The byte where it begins.
    pub(super) offset: usize,
    /// The blanks before it, where nothing else is in its line.
    pub(super) indentation: &'a str,
    /// The piece that closes it; none when there is nothing inside.
    pub(super) close: Option<usize>,
}

/// The arguments of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Args {
    pub(super) positional: Vec<String>,
    pub(super) named: Vec<(String, String)>,
}

impl Args {
    /// The argument of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.named.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The argument of this name, else the one at this position.
    pub(super) fn get_or(&self, name: &str, position: usize) -> Option<&str> {
        self.get(name).or_else(|| self.positional.get(position).map(String::as_str))
    }
}

/// What looks like a call and is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken<'a> {
    pub(super) text: &'a str,
    pub(super) offset: usize,
    pub(super) why: &'static str,
}

/// A body in pieces. Each [`Piece::Open`] knows its [`Piece::Close`].
pub(super) fn parse(body: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut openings = Openings::default();
    let mut at = 0;
    // arguments of calls that turned out to be none
    let mut in_vain = 0;
    let last_comment = |close: &str| memchr::memmem::rfind(body.as_bytes(), close.as_bytes()).unwrap_or(0);
    let mut last_comments = None;
    while let Some(start) = next_start(body, at) {
        if start > at {
            pieces.push(Piece::Text(&body[at..start], at));
        }
        let style = if body[start..].starts_with("{{<") { Style::Html } else { Style::Markdown };
        let left = MAX_ARGUMENTS.saturating_sub(in_vain).max(MIN_ARGUMENTS);
        let (html, markdown) = *last_comments.get_or_insert_with(|| (last_comment("*/>}}"), last_comment("*/%}}")));
        let last_comment = if style == Style::Html { html } else { markdown };
        let mut scanner = Scanner { body, at: start + 3, style, last_comment, left };
        match scanner.call() {
            Ok(Found::Literal(text)) => pieces.push(Piece::Literal(text)),
            Ok(Found::Open { name, args, closed }) => {
                if !closed {
                    openings.push(name, pieces.len());
                }
                let indentation = indentation(&body[..start]);
                pieces.push(Piece::Open(Call { name, style, args, offset: start, indentation, close: None }));
            }
            Ok(Found::Close(name)) if openings.close(name, &mut pieces) => pieces.push(Piece::Close),
            Ok(Found::Close(_)) => {
                let text = &body[start..scanner.at];
                pieces.push(Piece::Broken(Broken { text, offset: start, why: "closes a shortcode that was not opened" }));
            }
            Err(why) => {
                in_vain += left - scanner.left;
                pieces.push(Piece::Broken(Broken { text: &body[start..scanner.at], offset: start, why }));
            }
        }
        at = scanner.at;
    }
    if at < body.len() {
        pieces.push(Piece::Text(&body[at..], at));
    }
    pieces
}

/// The blanks that a text ends with, where nothing else is in its last line.
fn indentation(before: &str) -> &str {
    let text = before.trim_end_matches([' ', '\t']);
    if text.is_empty() || text.ends_with('\n') { &before[text.len()..] } else { "" }
}

fn next_start(body: &str, from: usize) -> Option<usize> {
    memchr::memmem::find_iter(&body.as_bytes()[from..], "{{").map(|at| from + at).find_map(|at| {
        // of three braces the last two belong to the call
        [at, at + 1].into_iter().find(|at| body[*at..].starts_with("{{<") || body[*at..].starts_with("{{%"))
    })
}

/// Calls that may still be closed.
#[derive(Default)]
struct Openings<'a> {
    stack: Vec<(&'a str, usize)>,
    count: HashMap<&'a str, usize>,
}

impl<'a> Openings<'a> {
    fn push(&mut self, name: &'a str, piece: usize) {
        self.stack.push((name, piece));
        *self.count.entry(name).or_insert(0) += 1;
    }

    /// Closes the last opening of this name, which is about to be followed by its end. Those inside have no end.
    fn close(&mut self, name: &str, pieces: &mut [Piece<'a>]) -> bool {
        if self.count.get(name).is_none_or(|count| *count == 0) {
            return false;
        }
        let end = pieces.len();
        while let Some((opened, piece)) = self.stack.pop() {
            if let Some(count) = self.count.get_mut(opened) {
                *count -= 1;
            }
            if let Piece::Open(call) = &mut pieces[piece]
                && opened == name
            {
                call.close = Some(end);
                return true;
            }
        }
        false
    }
}

enum Found<'a> {
    Literal(String),
    Open { name: &'a str, args: Args, closed: bool },
    Close(&'a str),
}

struct Scanner<'a> {
    body: &'a str,
    at: usize,
    style: Style,
    /// Where the last end of a comment of this style is: nothing behind it is searched for one.
    last_comment: usize,
    /// How many arguments may still come.
    left: usize,
}

impl<'a> Scanner<'a> {
    /// Reads from behind `{{<` to behind `>}}`. After an error, `at` is where the text goes on.
    fn call(&mut self) -> Result<Found<'a>, &'static str> {
        let end = if self.style == Style::Html { ">}}" } else { "%}}" };
        let start = self.at;
        if self.rest().starts_with("/*") {
            return self.comment();
        }
        self.white_space();
        let closing = self.eat("/");
        self.white_space();
        let name = self.up_to(end, |c| !c.is_alphanumeric() && !"_-./".contains(c));
        if name.is_empty() {
            return self.give_up(start, "has no name");
        }
        let mut args = Args::default();
        loop {
            let spaced = self.white_space();
            if self.eat(end) {
                return Ok(if closing { Found::Close(name) } else { Found::Open { name, args, closed: false } });
            }
            if self.rest().starts_with('/') && self.rest()[1..].starts_with(end) {
                self.at += 1 + end.len();
                return Ok(Found::Open { name, args, closed: true });
            }
            // behind a quote Hugo wants no blank
            let is_apart = spaced || self.body[..self.at].ends_with(['"', '`']);
            if !is_apart || self.rest().is_empty() {
                return self.give_up(start, if self.rest().is_empty() { "is never closed" } else { "has an argument that cannot be read" });
            }
            if self.left == 0 {
                return self.give_up(start, "has no end after very many arguments");
            }
            self.left -= 1;
            if let Err(why) = self.argument(&mut args, end) {
                return self.give_up(start, why);
            }
        }
    }

    /// Reads from `/*` to behind the first `*/>}}`, wherever that is: another call may be between them.
    fn comment(&mut self) -> Result<Found<'a>, &'static str> {
        let start = self.at;
        let (open, close, shut) = if self.style == Style::Html { ("<", "*/>}}", ">") } else { ("%", "*/%}}", "%") };
        let inner = &self.rest()[2..];
        let Some(length) = (start + 2 <= self.last_comment).then(|| inner.find(close)).flatten() else {
            return self.give_up(start, "is never closed");
        };
        self.at += 2 + length + close.len();
        let inner = &inner[..length];
        // what is shown must not be read as a tag of HTML
        let is_tag = self.style == Style::Html
            && inner.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c))
            && !inner.starts_with("/*");
        let space = if is_tag { " " } else { "" };
        Ok(Found::Literal(format!("{{{{{open}{space}{inner}{shut}}}}}")))
    }

    fn argument(&mut self, args: &mut Args, end: &str) -> Result<(), &'static str> {
        if let Some(value) = self.quoted()? {
            args.positional.push(value);
            return Ok(());
        }
        let word = self.bare(end);
        if word.is_empty() {
            return Err("has an argument that cannot be read");
        }
        let behind = self.at;
        self.white_space();
        if !self.eat("=") {
            self.at = behind;
            args.positional.push(word.to_owned());
            return Ok(());
        }
        self.white_space();
        let value = match self.quoted()? {
            Some(value) => value,
            None => self.value(end).to_owned(),
        };
        args.named.push((word.to_owned(), value));
        Ok(())
    }

    /// A value in quotes, in which `\"` is a quote, or in backquotes, in which everything is itself.
    fn quoted(&mut self) -> Result<Option<String>, &'static str> {
        if self.eat("`") {
            let Some(length) = self.rest().find('`') else { return Err("has a backquote that is never closed") };
            let value = self.rest()[..length].to_owned();
            self.at += length + 1;
            return Ok(Some(value));
        }
        let escaped = self.eat("\\\"");
        if !escaped && !self.eat("\"") {
            return Ok(None);
        }
        let mut value = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' if escaped && self.rest()[at + 1..].starts_with('"') => {
                    self.at += at + 2;
                    return Ok(Some(value));
                }
                '\\' if self.rest()[at + 1..].starts_with(['"', '\\']) => value.extend(chars.next().map(|(_, c)| c)),
                '"' => {
                    self.at += at + 1;
                    return Ok(Some(value));
                }
                '\n' => break,
                c => value.push(c),
            }
        }
        Err("has a quote that is never closed")
    }

    /// A word up to white space, `=`, or the end.
    fn bare(&mut self, end: &str) -> &'a str {
        self.up_to(end, |c| c.is_whitespace() || c == '=')
    }

    fn value(&mut self, end: &str) -> &'a str {
        self.up_to(end, char::is_whitespace)
    }

    fn up_to(&mut self, end: &str, stop: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let stops = |at: usize, c: char| {
            stop(c) || rest[at..].starts_with(end) || rest[at..].starts_with("{{") || (c == '/' && rest[at + 1..].starts_with(end))
        };
        let length = rest.char_indices().find(|(at, c)| stops(*at, *c)).map_or(rest.len(), |(at, _)| at);
        self.at += length;
        &rest[..length]
    }

    fn word(&mut self, part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn white_space(&mut self) -> bool {
        !self.word(char::is_whitespace).is_empty()
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn rest(&self) -> &'a str {
        &self.body[self.at..]
    }

    /// A call that cannot be read goes to its end on this line, else it is only its braces.
    fn give_up<T>(&mut self, start: usize, why: &'static str) -> Result<T, &'static str> {
        let rest = &self.body[start..];
        let near = &rest[..rest.find("{{").unwrap_or(rest.len())];
        let line = &near[..near.find('\n').unwrap_or(near.len())];
        self.at = start + line.find("}}").map_or(0, |at| at + 2);
        Err(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &str) {
        let shown: Vec<String> = parse(body)
            .iter()
            .map(|piece| match piece {
                Piece::Text(text, _) => format!("{text:?}"),
                Piece::Literal(text) => format!("literal {text}"),
                Piece::Open(call) => {
                    let named: Vec<String> = call.args.named.iter().map(|(key, value)| format!("{key}={value}")).collect();
                    let args = [call.args.positional.join(","), named.join(",")].concat();
                    format!("{}({args}){}", call.name, call.close.map(|close| format!("..{close}")).unwrap_or_default())
                }
                Piece::Close => "close".into(),
                Piece::Broken(broken) => format!("broken {:?}", broken.text),
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{body}");
    }

    #[test]
    fn arguments_are_read_as_hugo_reads_them() {
        check("{{< a >}}", "a()");
        check("{{<a>}}{{%b%}}", "a() b()");
        check(r#"{{< a x "y z" `q"r` "s\"t" >}}"#, r#"a(x,y z,q"r,s"t)"#);
        check(r#"{{< a k=v l="m n" o=`p` u=http://x/?y=z />}}"#, "a(k=v,l=m n,o=p,u=http://x/?y=z)");
        check("{{< a\n  k=\"v\"\n>}}", "a(k=v)");
        check(r#"{{< a k = "v" l ="m" n= o p >}}"#, "a(pk=v,l=m,n=o)");
        check(r#"{{< a k="v"l="m"`n`o >}}"#, "a(n,ok=v,l=m)");
        check("{{{< a >}}}", r#""{" a() "}""#);
    }

    #[test]
    fn an_opening_finds_its_end() {
        check("{{< a >}}x{{< /a >}}", r#"a()..2 "x" close"#);
        check("{{< a >}}{{< b >}}{{< a >}}{{< /a >}}{{% /a %}}", "a()..4 b() a()..3 close close");
        check("{{< a />}}{{< /a >}}", r#"a() broken "{{< /a >}}""#);
    }

    #[test]
    fn what_is_escaped_is_literal() {
        check("{{</* a b=\"c\" */>}}{{%/*/a*/%}}", "literal {{< a b=\"c\" >}} literal {{%/a%}}");
        check("{{</* a\n  b */>}}{{</*/* a */*/>}}", "literal {{< a\n  b >}} literal {{</* a */>}}");
        check("{{</*a*/>}}{{</*/a*/>}}", "literal {{< a>}} literal {{< /a>}}");
    }

    #[test]
    fn a_call_and_its_end_may_be_escaped_as_one() {
        check("{{%/* a %}}b{{% /a */%}}c", r#"literal {{% a %}}b{{% /a %}} "c""#);
        check("{{</* a >}}{{% b %}}{{< /a */>}}", "literal {{< a >}}{{% b %}}{{< /a >}}");
        check("{{</* a */>}}{{</* b", r#"literal {{< a >}} broken "{{<" "/* b""#);
    }

    #[test]
    fn what_cannot_be_read_is_broken_and_costs_only_itself() {
        check("{{< \"a\" >}}b", r#"broken "{{< \"a\" >}}" "b""#);
        check("{{< a b=\"c >}}\n{{< d >}}", r#"broken "{{< a b=\"c >}}" "\n" d()"#);
        check("{{< a {{< b >}}", r#"broken "{{<" " a " b()"#);
        check("{{<", r#"broken "{{<""#);
        check("{{</* a", r#"broken "{{<" "/* a""#);
        let call = |arguments| ["{{< a", &" b".repeat(arguments), " >}}"].concat();
        let read = |arguments| format!("a({})", vec!["b"; arguments].join(","));
        check(&call(10_000), &read(10_000));
        check(&call(10_001), &format!("broken {:?}", call(10_001)));
        // what was read in vain counts, but for a few
        let vain = ["{{< x", &" b".repeat(9_900), " = \n"].concat();
        let broken = r#"broken "{{<" ""#.to_owned() + &vain[3..].replace('\n', "\\n") + "\"";
        check(&[&vain, &*call(100)].concat(), &format!("{broken} {}", read(100)));
        check(&[&vain, &*call(101)].concat(), &format!("{broken} broken {:?}", call(101)));
    }
}
